// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.strike;

/** A source of strikes against one part of a system, without end. One thread. */
public interface Strikes {
    /** The next one. */
    Strike next();
}
