// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

/** Why a page of an image was not taken in; the page is as it was. */
public enum ImportRefusal {
    /** No memslot holds it, or its memslot was deleted meanwhile. */
    NO_MEMSLOT,
    /** It holds something already, or came into a frame meanwhile, and the import may not replace that. */
    NOT_EMPTY,
    /** It is on its way into a frame, or a vCPU's fault holds it there. */
    IN_USE,
    /** The tiers stayed unavailable until its deadline. */
    UNAVAILABLE,
    /** Whoever imports has given it up. */
    GIVEN_UP,
    /** The VM is gone. */
    VM_GONE
}
