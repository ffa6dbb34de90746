// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.strike;

import java.time.Duration;

/** One thing that goes wrong, and is made good again. One use, one thread. */
public interface Strike {
    /** What it is. */
    StrikeKind kind();

    /** What is hit, such as {@code pager-2}. */
    String target();

    /** How long it lasts before anybody makes it good. */
    Duration lasts();

    /** It goes wrong. */
    void hit();

    /** Makes it good; returns when what was hit, or what takes its place, works. */
    void heal();

    /** Puts things back as they were before, so that the next may be hit; most have nothing left to do. */
    default void restore() {}
}
