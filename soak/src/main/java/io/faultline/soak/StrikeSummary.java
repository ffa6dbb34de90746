// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak;

import io.faultline.soak.strike.StrikeKind;
import io.faultline.soak.strike.StrikeRecord;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** How often one kind of strike was survived, and what the worst of them cost. */
record StrikeSummary(int count, double outageSMax, double recoverySMax) {
    static StrikeSummary of(StrikeKind kind, List<StrikeRecord> strikes) {
        List<StrikeRecord> ofKind =
                strikes.stream().filter(strike -> strike.kind() == kind).toList();
        return new StrikeSummary(
                ofKind.size(), max(ofKind, StrikeRecord::outageS), max(ofKind, StrikeRecord::recoveryS));
    }

    private static double max(List<StrikeRecord> of, ToDoubleFunction<StrikeRecord> what) {
        return of.stream().mapToDouble(what).max().orElse(0);
    }
}
