// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.strike;

import io.faultline.soak.network.Relay;

/** A pager as strikes see it. */
public interface PagerTarget {
    /** Its name. */
    String name();

    /** The network in front of it. */
    Relay relay();

    /** Ends its process as a crash would. */
    void kill();

    /** Starts it again and waits until it serves. */
    void restart();

    /** Stops its process without ending it. */
    void freeze();

    /** Lets its process go on. */
    void thaw();
}
