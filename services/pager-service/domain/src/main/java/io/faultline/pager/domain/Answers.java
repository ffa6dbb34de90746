// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import io.faultline.model.Tier;

/** Answers requests, and counts what they were told. Owned by the pager's thread. */
final class Answers {
    private final PageTable table;
    private final VmCounters counters;
    private final PagerEffects effects;

    Answers(PageTable table, VmCounters counters, PagerEffects effects) {
        this.table = table;
        this.counters = counters;
        this.effects = effects;
    }

    /** The page in a cell, found in a tier. */
    void page(int stream, long requestId, int cell, Tier tier) {
        if (!table.hasRoomForPin(cell)) {
            without(table.vmId(cell), stream, requestId, PageAnswer.UNAVAILABLE);
            return;
        }
        counters.of(table.vmId(cell)).found(tier);
        if (table.isZero(cell)) {
            effects.answer(stream, requestId, PageAnswer.ZERO, tier);
        } else {
            table.pin(cell);
            effects.answerData(stream, requestId, tier, cell);
        }
    }

    /** A page of zeros of a VM, found in a tier. */
    void zeroPage(long vmId, int stream, long requestId, Tier tier) {
        counters.of(vmId).found(tier);
        effects.answer(stream, requestId, PageAnswer.ZERO, tier);
    }

    /** No page. */
    void without(long vmId, int stream, long requestId, PageAnswer answer) {
        switch (answer) {
            case ABSENT -> counters.of(vmId).absent++;
            case CORRUPT -> counters.of(vmId).corrupt++;
            case UNAVAILABLE -> counters.of(vmId).unavailable++;
            case ZERO, STORED -> {}
        }
        effects.answer(stream, requestId, answer, Tier.NONE);
    }

    /** A store that cannot be: its bytes are not those of its checksum, or not those kept under its name. */
    void rejectedStore(long vmId, int stream, long requestId) {
        counters.of(vmId).rejectedStores++;
        effects.answer(stream, requestId, PageAnswer.CORRUPT, Tier.NONE);
    }
}
