// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.verify;

import io.faultline.model.StepKind;
import io.faultline.model.Token;
import io.faultline.proto.audit.v1.AuditBlock;
import io.faultline.proto.audit.v1.AuditStep;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The auditor: fed with the trail's blocks, those of one source and VM in their order and otherwise in any, it says
 * whether every {@link Rule} was kept. Keeps what is in flight and a little for each chain; not for use by more than one
 * thread.
 */
public final class AuditVerifier {
    private static final String FAULT_PLANE = "vcpu-service";
    private static final String NOTIFICATION_PLANE = "notifier-service";
    private static final StepKind[] KINDS = StepKind.values();

    private record Life(String source, long incarnation) {}

    private record VcpuKey(long vmId, int vcpuId) {}

    private final boolean allowUnfinished;
    private final Findings findings;
    private final Map<Chain.Key, Chain> chains = new HashMap<>();
    private final Map<VcpuKey, VcpuJoin> joins = new HashMap<>();
    private final Map<Life, Long> dropped = new HashMap<>();
    private final Replays replays = new Replays();
    private final long[] stepsByKind = new long[KINDS.length];
    private long records;
    private long steps;

    /**
     * An auditor that has read nothing.
     *
     * @param allowUnfinished whether a chain without CLOSED may end in the middle of a fault: the services still run, or
     *     were killed
     * @param detailsMax how many findings are kept in words
     */
    public AuditVerifier(boolean allowUnfinished, int detailsMax) {
        if (detailsMax < 0) {
            throw new IllegalArgumentException("detailsMax: " + detailsMax + " (expected: >= 0)");
        }
        this.allowUnfinished = allowUnfinished;
        this.findings = new Findings(detailsMax);
    }

    /** Takes a record's block. */
    public void accept(AuditBlock block) {
        records++;
        String source = block.getSource();
        if (block.getDroppedTotal() != 0) {
            dropped.merge(new Life(source, block.getIncarnation()), block.getDroppedTotal(), Math::max);
        }
        if (!isOfPlane(source, FAULT_PLANE) && !isOfPlane(source, NOTIFICATION_PLANE)) {
            findings.violation(new Violation(
                    Rule.SOURCE_KNOWN, source, block.getVmId(), 0, Token.NONE, 0, "a block of an unknown service"));
            return;
        }
        if (replays.isAgain(block)) {
            return;
        }
        for (AuditStep step : block.getStepsList()) {
            steps++;
            StepKind kind = kindOf(step);
            Chain chain = chainOf(block, step.getVcpuId());
            if (kind == null) {
                findings.violation(
                        Rule.KIND_OF_PLANE, chain, step, "a step of the unknown kind " + step.getKindValue());
            } else {
                stepsByKind[kind.code()]++;
                chain.accept(step, kind);
            }
        }
    }

    /** A record of the topic holds no block. */
    public void unreadable(int partition, long offset, String why) {
        records++;
        findings.violation(new Violation(
                Rule.RECORD_READABLE,
                "",
                0,
                0,
                Token.NONE,
                0,
                "the record at offset " + offset + " of partition " + partition + " is no audit block: " + why));
    }

    /** How many faults and tokens are held because their end, or the other plane's word on it, has not come yet. */
    public int inFlight() {
        return chains.values().stream().mapToInt(Chain::inFlight).sum()
                + joins.values().stream().mapToInt(VcpuJoin::inFlight).sum();
    }

    /** Ends the trail; what is missing by now is missing. Nothing may be fed afterwards. */
    public AuditReport finish() {
        dropped.forEach((life, count) -> findings.violation(new Violation(
                Rule.NOTHING_DROPPED,
                life.source,
                0,
                0,
                Token.NONE,
                0,
                "dropped " + count + " steps in its life since " + life.incarnation + " µs")));
        chains.values().forEach(Chain::finish);
        joins.values().forEach(VcpuJoin::finish);
        Map<StepKind, Long> counts = new EnumMap<>(StepKind.class);
        for (StepKind kind : KINDS) {
            if (stepsByKind[kind.code()] > 0) {
                counts.put(kind, stepsByKind[kind.code()]);
            }
        }
        return new AuditReport(
                records,
                replays.count(),
                steps,
                chains.size(),
                (int) chains.values().stream().filter(Chain::isOpen).count(),
                findings.gaps(),
                new AuditReport.Lost(
                        findings.missingSteps(),
                        dropped.values().stream().mapToLong(Long::longValue).sum()),
                findings.violations(),
                counts,
                findings.details());
    }

    private Chain chainOf(AuditBlock block, int vcpuId) {
        Chain.Key key = new Chain.Key(block.getSource(), block.getIncarnation(), block.getVmId(), vcpuId);
        Chain chain = chains.get(key);
        if (chain == null) {
            VcpuJoin join = joins.computeIfAbsent(
                    new VcpuKey(key.vmId(), vcpuId), _ -> new VcpuJoin(findings, allowUnfinished));
            chain = isOfPlane(key.source(), FAULT_PLANE)
                    ? new FaultChain(key, join, findings, allowUnfinished)
                    : new NotificationChain(key, join, findings);
            join.add(chain);
            chains.put(key, chain);
        }
        return chain;
    }

    private static boolean isOfPlane(String source, String service) {
        return source.startsWith(service)
                && (source.length() == service.length() || source.charAt(service.length()) == '/');
    }

    private static @Nullable StepKind kindOf(AuditStep step) {
        int code = step.getKindValue();
        return code > StepKind.NONE.code() && code < KINDS.length ? KINDS[code] : null;
    }
}
