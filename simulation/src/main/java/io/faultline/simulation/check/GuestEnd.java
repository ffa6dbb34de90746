// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.check;

/** The notifier's end of a guest's stream, as the watch tells one from another. */
@FunctionalInterface
public interface GuestEnd {
    /** Whether the notifier's stream takes more. */
    boolean isWritable();
}
