// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.faultline.loadtest.grpc.FaultOutcome;
import io.faultline.loadtest.replay.Latency;
import io.faultline.loadtest.replay.ReplayObserver;
import io.faultline.loadtest.replay.ReplayResult;
import io.faultline.loadtest.replay.ReplaySettings;
import io.faultline.loadtest.replay.TerminalKind;
import io.faultline.loadtest.report.history.RunRecorder;
import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Resolution;
import io.faultline.model.SyncReason;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Reports of runs that were never made, for tests of what shows them. */
public final class Reports {
    /** How many faults the run has. */
    public static final int FAULTS = 6_000;

    private static final long NS_PER_US = 1_000;
    private static final double NS_PER_S = 1e9;
    private static final long BEGAN_NS = 5_000;
    private static final int TASKS = 8;
    private static final int PAGES = 500;
    private static final List<PageSource> TIERS =
            List.of(PageSource.DRAM, PageSource.COMPRESSED, PageSource.SWAP_STORE);

    private Reports() {}

    /** The object of a run of that recording, with every kind of outcome and every tier in it. */
    public static JsonObject run(String trace) {
        return ReportJson.object(report(trace));
    }

    /** What {@code bench guest --json} writes. */
    public static JsonObject guests() {
        return parsed("""
                {"sync": {"elapsed_s": 6.5, "guest_work": 1000, "guest_work_per_s": 153.8, "task_slowdown": 1,
                          "vcpu_blocked_share": 0.99, "async_faults": 0},
                 "async": {"elapsed_s": 0.4, "guest_work": 1000, "guest_work_per_s": 2500, "task_slowdown": 1.06,
                           "vcpu_blocked_share": 0.31, "async_faults": 991},
                 "async_prefetch": {"elapsed_s": 0.3, "guest_work": 1000, "guest_work_per_s": 3333, "task_slowdown": 0.9,
                                    "vcpu_blocked_share": 0.4, "async_faults": 740},
                 "settings": {"trace": "<b>bold</b>.gz", "tasks": 64, "vcpus": 1, "resident_pages_max": 1024,
                              "store_latency_us": 5000}}""");
    }

    /** What {@code bench policy --json} writes. */
    public static JsonObject policies() {
        return parsed("""
                {"trace": "a.gz", "capacity": 12288, "references": 201964, "distinct": 48000,
                 "misses": {"lru": 158732, "fifo": 156003, "w_tinylfu": 131000, "caffeine": 131500, "min_demand": 77276,
                            "min_bypass": 77275}}""");
    }

    /** A run of that recording. */
    public static RunReport report(String trace) {
        RunRecorder recorder = new RunRecorder();
        return new RunReport(
                new RunReport.Origin(
                        "demo",
                        Instant.parse("2026-01-02T03:04:05.678Z"),
                        ReplaySettings.of(Path.of(trace)),
                        Map.of("swap_store", "rocksdb")),
                result(record(recorder)),
                Results.CLEAN_TRAIL,
                recorder);
    }

    /** What the run counted: of ten faults six are asynchronous, two synchronous, and each tier has a third of theirs. */
    private static ReplayResult result(double elapsedS) {
        long tenth = FAULTS / 10;
        long third = 8 * tenth / TIERS.size();
        return new ReplayResult(
                FAULTS,
                0,
                Map.of(
                        TerminalKind.RESOLVED_READY,
                        6 * tenth,
                        TerminalKind.MAPPED_SYNC,
                        2 * tenth,
                        TerminalKind.MAPPED_RESIDENT,
                        tenth,
                        TerminalKind.MAPPED_ZERO_FILL,
                        tenth),
                Map.of(SyncReason.AREA_BUSY, 2 * tenth),
                Map.of(PageSource.DRAM, third, PageSource.COMPRESSED, third, PageSource.SWAP_STORE, third),
                6 * tenth,
                new ReplayResult.Notifications(6 * tenth, 6 * tenth, 1),
                new ReplayResult.Integrity(FAULTS, third, 0),
                null,
                0,
                new Latency(2 * tenth, 0, 0, 0, 0, 0),
                new Latency(6 * tenth, 0, 0, 0, 0, 0),
                null,
                0,
                elapsedS,
                0,
                0,
                List.of(),
                List.of());
    }

    /** Has the run recorded; how long it took, in seconds. */
    private static double record(RunRecorder recorder) {
        long nowNs = BEGAN_NS;
        recorder.began(TASKS, PAGES, nowNs);
        for (int i = 0; i < FAULTS; i++) {
            int task = i % TASKS;
            recorder.raised(new ReplayObserver.Fault(0, task, i * 7 % PAGES, i), nowNs);
            nowNs += 80 * NS_PER_US;
            int kind = i % 10;
            PageSource tier = TIERS.get(i % TIERS.size());
            long latencyNs = (100 + i % 300) * NS_PER_US * (1 + TIERS.indexOf(tier));
            if (kind < 6) {
                recorder.wentAsync(task, i, nowNs);
                nowNs += 40 * NS_PER_US;
                recorder.ended(task, outcome(i, tier, SyncReason.NONE, Resolution.READY), latencyNs, nowNs);
            } else if (kind < 8) {
                nowNs += latencyNs;
                recorder.ended(task, outcome(i, tier, SyncReason.AREA_BUSY, Resolution.NONE), latencyNs, nowNs);
            } else {
                PageSource source = kind == 8 ? PageSource.RESIDENT : PageSource.ZERO_FILL;
                latencyNs = kind == 8 ? 30 * NS_PER_US : 60 * NS_PER_US;
                recorder.ended(task, outcome(i, source, SyncReason.NONE, Resolution.NONE), latencyNs, nowNs);
            }
        }
        recorder.finished(nowNs);
        return (nowNs - BEGAN_NS) / NS_PER_S;
    }

    private static FaultOutcome outcome(long sequence, PageSource source, SyncReason reason, Resolution resolution) {
        return new FaultOutcome(
                sequence,
                resolution == Resolution.NONE ? FaultOutcome.Kind.MAPPED : FaultOutcome.Kind.RESOLVED,
                0,
                source,
                reason,
                resolution,
                FailReason.NONE,
                ByteBuffer.allocate(0),
                "");
    }

    private static JsonObject parsed(String json) {
        return JsonParser.parseString(json).getAsJsonObject();
    }
}
