// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.Refusal;
import io.faultline.model.SyncReason;

/** What a notifier's refusal means for the fault whose publication it was. */
final class Refusals {
    private Refusals() {}

    static SyncReason syncReason(Refusal refusal) {
        return switch (refusal) {
            case NOT_ARMED -> SyncReason.STALE_EPOCH;
            case NO_GUEST -> SyncReason.NO_GUEST;
            case PE_MASKED -> SyncReason.PE_MASKED;
            case EVENT_UNREGISTERED -> SyncReason.EVENT_UNREGISTERED;
            case EVENT_DISABLED -> SyncReason.EVENT_DISABLED;
            case EVENT_RUNNING -> SyncReason.EVENT_RUNNING;
            case EVENT_PENDING -> SyncReason.EVENT_PENDING;
            case AREA_UNREADABLE -> SyncReason.AREA_UNREADABLE;
            case AREA_BUSY -> SyncReason.AREA_BUSY;
            case READY_UNACKNOWLEDGED -> SyncReason.READY_UNACKNOWLEDGED;
            case LIMIT -> SyncReason.WORKS_LIMIT;
            case NONE, OWNED_ELSEWHERE, INVALID -> SyncReason.NOTIFIER_UNAVAILABLE;
        };
    }
}
