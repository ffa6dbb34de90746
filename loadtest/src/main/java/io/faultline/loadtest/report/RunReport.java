// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report;

import io.faultline.audit.verify.AuditReport;
import io.faultline.loadtest.replay.ReplayResult;
import io.faultline.loadtest.replay.ReplaySettings;
import io.faultline.loadtest.report.history.RunRecorder;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All there is to tell of a replay that is over.
 *
 * @param origin how it came about
 * @param result what came of it
 * @param audit what the auditor found; null when the trail was not verified
 * @param recorder what it noted while it ran
 */
public record RunReport(
        Origin origin, ReplayResult result, @Nullable AuditReport audit, RunRecorder recorder) {
    /**
     * How a run came about.
     *
     * @param command the command that made it
     * @param beganAt when it began
     * @param settings what was replayed, and how
     * @param platform what is known of the services, by name, units in the names
     */
    public record Origin(String command, Instant beganAt, ReplaySettings settings, Map<String, Object> platform) {}

    /** Whether everything that must hold did, the audit trail included where it was verified. */
    public boolean hasHeld() {
        return result.hasHeld() && (audit == null || audit.holds());
    }
}
