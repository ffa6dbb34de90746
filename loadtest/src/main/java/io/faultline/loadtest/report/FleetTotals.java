// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report;

import io.faultline.audit.verify.AuditReport;
import io.faultline.loadtest.replay.ReplayResult;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What came of several replays at once, all together. Immutable.
 *
 * @param faults faults raised
 * @param tokensIssued faults that went asynchronous
 * @param integrityChecks loads that were compared with the stamp expected
 * @param integrityMismatches loads that brought something else
 * @param faultsPerS the sum of the VMs' rates, each over the time that it ran
 */
record FleetTotals(long faults, long tokensIssued, long integrityChecks, long integrityMismatches, double faultsPerS) {
    static FleetTotals of(Collection<ReplayResult> results) {
        long faults = 0;
        long tokens = 0;
        long checks = 0;
        long mismatches = 0;
        double perS = 0;
        for (ReplayResult result : results) {
            faults += result.faults();
            tokens += result.tokensIssued();
            checks += result.integrity().checks();
            mismatches += result.integrity().mismatches();
            perS += result.faultsPerS();
        }
        return new FleetTotals(faults, tokens, checks, mismatches, perS);
    }

    /** What did not hold, of which VM, the trail's findings included. */
    List<String> broken(Map<Long, ReplayResult> results, @Nullable AuditReport audit) {
        List<String> broken = new ArrayList<>();
        results.forEach(
                (vmId, result) -> result.brokenInvariants().forEach(what -> broken.add("VM " + vmId + ": " + what)));
        if (audit != null && !audit.holds()) {
            broken.add("the audit trail has " + audit.gaps() + " gaps and " + audit.violations() + " violations");
        }
        return broken;
    }
}
