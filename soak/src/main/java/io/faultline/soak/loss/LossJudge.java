// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.loss;

import io.faultline.audit.verify.AuditReport;
import io.faultline.loadtest.replay.ReplayResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Says what of a loss's promise was not kept. Stateless. */
final class LossJudge {
    private static final double NS_PER_S = 1e9;

    private LossJudge() {}

    /** What does not hold of the guests, in words. */
    static List<String> guests(Scenario.Promise promise, List<LossGuest> guests) {
        List<String> broken = new ArrayList<>();
        for (LossGuest guest : guests) {
            String vm = "VM " + guest.vmId() + ": ";
            ReplayResult result = guest.result();
            if (promise.vmsLive() || result == null) {
                guest.deaths().forEach(death -> broken.add(vm + death));
            }
            if (result == null) {
                broken.add(vm + "did not come to its end");
                continue;
            }
            result.brokenInvariants().forEach(what -> broken.add(vm + what));
            if (!promise.vmsLive() && guest.deaths().isEmpty()) {
                broken.add(vm + "its client was not told that it ended");
            }
            Duration standstillMax = promise.standstillMax();
            long stoodNs = guest.watch().longestStandstillNs();
            if (standstillMax != null && stoodNs > standstillMax.toNanos()) {
                broken.add("%sa vCPU stood still for %.2f s (expected: %d at most)"
                        .formatted(vm, stoodNs / NS_PER_S, standstillMax.toSeconds()));
            }
            // Each boot ends with one a vCPU; what more there is came after the loss.
            if (promise.isWokenByAll() && result.notifications().wakeAll() <= guest.vcpus()) {
                broken.add(vm + "no wake-all after the loss");
            }
        }
        return broken;
    }

    /** What does not hold of the audit trail, in words. */
    static List<String> audit(Scenario.Audit promise, AuditReport audit) {
        List<String> broken = new ArrayList<>();
        if (audit.steps() == 0) {
            broken.add("the audit trail is empty");
        }
        // What is missing and named may break other rules, and that is no news; what is missing and not named is.
        AuditReport.Lost lost = audit.lost();
        boolean isGapNamed =
                promise == Scenario.Audit.GAP_NAMED && audit.gaps() > 0 && lost.missing() <= lost.dropped();
        if (!audit.holds() && !isGapNamed) {
            broken.add("the audit trail has " + audit.gaps() + " gaps of " + lost.missing()
                    + " steps, of which services name "
                    + lost.dropped() + ", and " + audit.violations() + " violations: "
                    + audit.details().stream()
                            .map(detail -> detail.rule() + ": " + detail.sentence())
                            .collect(Collectors.joining("; ")));
        }
        if (promise == Scenario.Audit.WHOLE && audit.openChains() > 0) {
            broken.add("the audit trail has " + audit.openChains() + " chains without an end (expected: none)");
        }
        return broken;
    }
}
