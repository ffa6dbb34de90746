// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.strike;

/** Those who have to get on whatever is hit. */
public interface Guests {
    /**
     * Waits until every guest that is at work has got on from where it is now.
     *
     * @throws IllegalStateException saying who has not, when it takes too long
     */
    void awaitProgress();
}
