// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.host;

import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Resolution;
import io.faultline.model.SyncReason;
import io.faultline.telemetry.Meters;

/**
 * A terminal outcome in words.
 *
 * @param outcome mapped, resolved or failed
 * @param reason why the vCPU stood still, how the token ended, or why the fault failed
 * @param source where the page came from, NONE for a fault that failed
 * @param isImmediate whether there was nothing to wait for
 */
record FaultEnd(String outcome, String reason, PageSource source, boolean isImmediate) {
    static FaultEnd mapped(PageSource source, SyncReason reason) {
        return new FaultEnd("mapped", Meters.tagValue(reason), source, reason == SyncReason.NONE);
    }

    static FaultEnd resolved(PageSource source, Resolution resolution) {
        return new FaultEnd("resolved", Meters.tagValue(resolution), source, false);
    }

    static FaultEnd failed(FailReason reason) {
        return new FaultEnd("failed", Meters.tagValue(reason), PageSource.NONE, false);
    }

    boolean isFailure() {
        return outcome.equals("failed");
    }
}
