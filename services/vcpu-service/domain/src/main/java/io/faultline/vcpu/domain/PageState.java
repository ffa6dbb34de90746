// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

/** Where a guest page is. What the {@link Stage2Table}'s payload means depends on it. */
enum PageState {
    /** Never written, or zeros again: costs no fetch. No payload. */
    ZERO(0),
    /** In a frame. Payload: the frame. */
    RESIDENT(1),
    /** In a frame that is being written out; may be taken back. Payload: the frame. */
    WRITING_OUT(2),
    /** In the tiers below. Payload: its copy, as {@link SharedCopies} has it. */
    SWAPPED(3),
    /** On its way into a frame. Payload: the index of its {@link Arrival}. */
    ARRIVING(4),
    /** Lost or corrupt, until the host writes it whole. Payload: the code of the FailReason. */
    POISONED(5);

    private static final PageState[] BY_CODE = values();

    private final int code;

    PageState(int code) {
        this.code = code;
    }

    /** 0 to 7, so that it fits the entry's three bits. */
    int code() {
        return code;
    }

    static PageState of(int code) {
        return BY_CODE[code];
    }
}
