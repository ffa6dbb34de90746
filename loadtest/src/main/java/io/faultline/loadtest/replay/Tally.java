// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import io.faultline.loadtest.grpc.FaultOutcome;
import io.faultline.model.PageSource;
import io.faultline.model.SyncReason;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Counts what comes of a replay's faults. Written by the loop, read by others once the replay is over. */
final class Tally {
    /** How many mismatches and failures are kept in words. */
    static final int MESSAGES_MAX = 10;

    private final Map<TerminalKind, Long> outcomes = new EnumMap<>(TerminalKind.class);
    private final Map<SyncReason, Long> syncReasons = new EnumMap<>(SyncReason.class);
    private final Map<PageSource, Long> sources = new EnumMap<>(PageSource.class);
    private final Map<PageSource, Long> checks = new EnumMap<>(PageSource.class);
    private final LatencyCount sync = new LatencyCount();
    private final LatencyCount async = new LatencyCount();
    private final List<String> mismatches = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private long mismatchCount;
    private long asyncOutcomes;
    private long breaks;
    private long told;

    void async() {
        asyncOutcomes++;
    }

    /** A fault ended; {@code latencyNs} is the time since it was raised. */
    void ended(FaultOutcome outcome, long latencyNs) {
        TerminalKind kind = TerminalKind.of(outcome);
        outcomes.merge(kind, 1L, Long::sum);
        if (kind == TerminalKind.FAILED) {
            if (failures.size() < MESSAGES_MAX) {
                failures.add(outcome.failReason() + ": " + outcome.detail());
            }
            return;
        }
        sources.merge(outcome.source(), 1L, Long::sum);
        if (kind == TerminalKind.MAPPED_SYNC) {
            syncReasons.merge(outcome.syncReason(), 1L, Long::sum);
            sync.add(latencyNs);
        } else if (outcome.kind() == FaultOutcome.Kind.RESOLVED) {
            async.add(latencyNs);
        }
    }

    /** The fault stream broke: that is all that is heard of so many faults. */
    void told(long faults) {
        breaks++;
        told += faults;
    }

    /** How often the fault stream broke. */
    long breaks() {
        return breaks;
    }

    /** Faults whose stream broke before their outcome came. */
    long told() {
        return told;
    }

    void checked(PageSource source) {
        checks.merge(source, 1L, Long::sum);
    }

    void mismatched(String message) {
        mismatchCount++;
        if (mismatches.size() < MESSAGES_MAX) {
            mismatches.add(message);
        }
    }

    long count(TerminalKind kind) {
        return outcomes.getOrDefault(kind, 0L);
    }

    long terminalOutcomes() {
        return sum(outcomes);
    }

    long asyncOutcomes() {
        return asyncOutcomes;
    }

    long checks() {
        return sum(checks);
    }

    long checks(PageSource source) {
        return checks.getOrDefault(source, 0L);
    }

    long mismatchCount() {
        return mismatchCount;
    }

    List<String> mismatches() {
        return mismatches;
    }

    List<String> failures() {
        return failures;
    }

    Map<TerminalKind, Long> outcomes() {
        return outcomes;
    }

    Map<SyncReason, Long> syncReasons() {
        return syncReasons;
    }

    Map<PageSource, Long> sources() {
        return sources;
    }

    Latency syncLatency() {
        return sync.latency();
    }

    Latency asyncLatency() {
        return async.latency();
    }

    private static long sum(Map<?, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }
}
