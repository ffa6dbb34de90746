// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

/** Where host events go: a guest's connection. Called on the loop's thread. */
public interface GuestPort {
    /** Takes an event; those of one vCPU come in the order in which they came about. */
    void event(HostEvent event);

    /**
     * Whether the connection is not congested. While it is, notifications are held back; {@link GuestSession#writable()}
     * must be called once it is not.
     */
    boolean isWritable();
}
