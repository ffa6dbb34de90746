// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report;

import io.faultline.audit.verify.AuditReport;
import io.faultline.loadtest.replay.Latency;
import io.faultline.loadtest.replay.ReplayResult;
import io.faultline.loadtest.replay.TerminalKind;
import io.faultline.model.PageSource;
import io.faultline.model.SyncReason;
import java.util.List;
import java.util.Map;

/** Results for tests of reports. */
final class Results {
    static final AuditReport CLEAN_TRAIL =
            new AuditReport(12, 0, 34_567, 2, 0, 0, AuditReport.Lost.NOTHING, 0, Map.of(), List.of());
    static final AuditReport TRAIL_WITH_A_GAP =
            new AuditReport(12, 0, 34_567, 2, 0, 1, new AuditReport.Lost(3, 0), 2, Map.of(), List.of());

    private Results() {}

    static ReplayResult result(List<String> broken, List<String> notes) {
        return new ReplayResult(
                201_964,
                0,
                Map.of(
                        TerminalKind.RESOLVED_READY, 150_000L,
                        TerminalKind.RESOLVED_CANCELLED, 1_000L,
                        TerminalKind.MAPPED_SYNC, 20_000L,
                        TerminalKind.MAPPED_RESIDENT, 30_964L),
                Map.of(SyncReason.AREA_BUSY, 15_000L, SyncReason.READY_UNACKNOWLEDGED, 5_000L),
                Map.of(
                        PageSource.RESIDENT, 30_964L,
                        PageSource.DRAM, 51_000L,
                        PageSource.SWAP_STORE, 120_000L),
                151_000,
                new ReplayResult.Notifications(150_000, 150_000, 1),
                new ReplayResult.Integrity(201_964, 120_000, 0),
                new ReplayResult.ReadBack(48_000, 0, 0, 2),
                60_000,
                new Latency(20_000, 250, 210.5, 900, 1_500.25, 20_000),
                new Latency(151_000, 600, 480.125, 1_900, 3_500, 2_500_000),
                new ReplayResult.OpenLoop(
                        5_000,
                        new Latency(201_964, 100, 50.5, 700, 900, 1_000_000),
                        new Latency(201_964, 700, 530.5, 2_600, 4_400, 3_500_000)),
                3.25,
                48.123_456,
                12.5,
                0,
                broken,
                notes);
    }
}
