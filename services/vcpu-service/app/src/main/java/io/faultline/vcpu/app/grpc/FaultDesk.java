// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.faultline.model.Access;
import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Privilege;
import io.faultline.model.Refusal;
import io.faultline.model.Resolution;
import io.faultline.model.SyncReason;
import io.faultline.proto.vcpu.v1.Fault;
import io.faultline.proto.vcpu.v1.Outcome;
import io.faultline.proto.vcpu.v1.OutcomeKind;
import io.faultline.rpc.Client;
import io.faultline.rpc.ClientLimit;
import io.faultline.telemetry.TraceParent;
import io.faultline.vcpu.app.host.FaultOutcomes;
import io.faultline.vcpu.app.host.FaultTimers;
import io.faultline.vcpu.app.host.FaultTimes;
import io.faultline.vcpu.app.host.FaultTrace;
import io.faultline.vcpu.app.host.FaultTraces;
import io.faultline.vcpu.app.host.HostedVm;
import io.faultline.vcpu.app.host.Vms;
import io.faultline.vcpu.app.memory.FrameMemory;
import io.faultline.vcpu.domain.Vcpu;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes faults in for all streams and hands their outcomes back, each to the stream it came by; a fault whose stream has
 * ended goes on, and its outcome is dropped. What waits here is bounded by the streams' and the vCPUs' own bounds. Loop
 * thread only.
 */
public final class FaultDesk implements FaultOutcomes {
    private static final int PLACES_AT_FIRST = 64;

    private final Vms vms;
    private final FaultTimers timers;
    private final FaultTraces traces;
    private final LongSupplier clockNs;
    private final Limits limits;
    /** By reason: faults refused before any VM heard of them. */
    private final AtomicLongArray refused = new AtomicLongArray(FailReason.values().length);

    private final AtomicLong outcomesDropped = new AtomicLong();

    private boolean draining;
    private boolean raising;

    /* A fault's reference is its place here; places are used again. */
    private @Nullable Pending[] pending = new Pending[PLACES_AT_FIRST];
    private int[] free = new int[PLACES_AT_FIRST];
    private int places;
    private int freeCount;

    /**
     * A desk for the faults of these VMs.
     *
     * @param clockNs the loop's time, in nanoseconds
     * @param limits how many may be undecided at a time
     */
    public FaultDesk(Vms vms, FaultTimers timers, FaultTraces traces, LongSupplier clockNs, Limits limits) {
        this.vms = vms;
        this.timers = timers;
        this.traces = traces;
        this.clockNs = clockNs;
        this.limits = limits;
    }

    /** Faults refused for a reason before any VM heard of them; from any thread. */
    public long refused(FailReason reason) {
        return refused.getAcquire(reason.code());
    }

    /** From now on, faults end as FAILED with VM_GONE: the service is shutting down. */
    void drain() {
        draining = true;
    }

    /** How many faults were taken in and have no terminal outcome yet, those of ended streams included. */
    int size() {
        return places - freeCount;
    }

    /** An outcome finds its client gone. */
    void droppedOutcome() {
        outcomesDropped.setRelease(outcomesDropped.getPlain() + 1);
    }

    /** Outcomes whose client was gone; from any thread. */
    public long outcomesDropped() {
        return outcomesDropped.getAcquire();
    }

    /** Takes a fault in; its terminal outcome may come before this returns. */
    void raise(FaultStream stream, Fault fault, long nowNs) {
        HostedVm vm = vms.find(fault.getVmId());
        if (draining) {
            refuse(stream, fault, FailReason.VM_GONE, "the service is shutting down");
            return;
        }
        if (vm == null) {
            refuse(
                    stream,
                    fault,
                    FailReason.NO_SUCH_VM,
                    "vm_id: " + Long.toUnsignedString(fault.getVmId()) + " (expected: a VM registered here)");
            return;
        }
        if (!stream.admits(vm)) {
            return;
        }
        Vcpu vcpu = vm.machine().vcpu(fault.getVcpuId());
        if (vcpu == null) {
            refuse(
                    stream,
                    fault,
                    FailReason.NO_SUCH_VCPU,
                    "vcpu_id: " + Integer.toUnsignedString(fault.getVcpuId()) + " (expected: one of the "
                            + vm.spec().vcpuIds().size() + " vCPUs of VM " + vm.id() + ")");
            return;
        }
        String problem = FaultCheck.problem(fault, vm.spec().pageSize());
        if (problem != null) {
            refuse(stream, fault, FailReason.INVALID, problem);
            return;
        }
        if (size() >= limits.faultsMax()) {
            refuse(
                    stream,
                    fault,
                    FailReason.OVERLOADED,
                    "faults in flight: " + size() + " (expected: < " + limits.faultsMax()
                            + ", faultline.vcpu.faults-max)");
            return;
        }
        Client client = stream.client();
        if (client.held(ClientLimit.FAULTS) >= limits.clientFaultsMax()) {
            client.refused(ClientLimit.FAULTS);
            refuse(
                    stream,
                    fault,
                    FailReason.OVERLOADED,
                    "faults in flight of client " + client.name() + ": " + client.held(ClientLimit.FAULTS)
                            + " (expected: < " + limits.clientFaultsMax() + ", faultline.vcpu.client-faults-max)");
            return;
        }
        client.hold(ClientLimit.FAULTS);
        raising = true;
        long gfn = fault.getIpa() >>> vm.spec().pageSize().shift();
        vcpu.raise(
                open(new Pending(stream, known(fault), nowNs, traces.begin(vm.id(), vcpu.id(), gfn, nowNs))),
                fault.getIpa(),
                Access.of(fault.getAccessValue()),
                Privilege.of(fault.getPrivilegeValue()),
                fault.getPrefault(),
                nowNs);
        raising = false;
    }

    @Override
    public void decided(long faultRef) {
        // A fault that is decided as it is raised has that time already.
        if (!raising) {
            at(faultRef).decided(clockNs.getAsLong());
        }
    }

    @Override
    public void arrived(long faultRef) {
        at(faultRef).arrived(clockNs.getAsLong());
    }

    @Override
    public @Nullable TraceParent publishing(long faultRef, int token) {
        FaultTrace trace = at(faultRef).trace();
        return trace == null ? null : trace.publishing(token);
    }

    @Override
    public void refused(long faultRef, Refusal refusal) {
        FaultTrace trace = at(faultRef).trace();
        if (trace != null) {
            trace.refused(refusal, clockNs.getAsLong());
        }
    }

    @Override
    public @Nullable TraceParent fetching(long faultRef) {
        FaultTrace trace = at(faultRef).trace();
        return trace == null ? null : trace.fetching(clockNs.getAsLong());
    }

    @Override
    public @Nullable TraceParent completing(long faultRef) {
        FaultTrace trace = at(faultRef).trace();
        return trace == null ? null : trace.completing(clockNs.getAsLong());
    }

    @Override
    public void access(long faultRef, FrameMemory memory, int frame) {
        Pending waiting = at(faultRef);
        if (waiting.isAccepted()) {
            waiting.mapped(clockNs.getAsLong());
        }
        Fault fault = waiting.fault;
        int offset = FaultCheck.offset(fault, memory.pageBytes());
        if (fault.getLoadBytes() > 0) {
            waiting.loaded = ByteString.copyFrom(memory.window(frame, offset, fault.getLoadBytes()));
        }
        ByteString store = fault.getStore();
        if (!store.isEmpty()) {
            store.copyTo(memory.window(frame, offset, store.size()));
        }
    }

    @Override
    public void mapped(long faultRef, PageSource source, SyncReason reason) {
        Pending ended = close(faultRef);
        long nowNs = clockNs.getAsLong();
        ended.mapped(nowNs);
        timers.mapped(ended, reason == SyncReason.NONE, nowNs);
        traces.mapped(ended, source, reason, nowNs);
        ended.stream.terminal(ended.outcome(OutcomeKind.OUTCOME_KIND_MAPPED)
                .setSourceValue(source.code())
                .setSyncReasonValue(reason.code())
                .setLoaded(ended.loaded)
                .build());
    }

    @Override
    public void async(long faultRef, int token) {
        Pending running = at(faultRef);
        running.accepted(clockNs.getAsLong());
        running.stream.intermediate(
                running.outcome(OutcomeKind.OUTCOME_KIND_ASYNC).setToken(token).build());
    }

    @Override
    public void resolved(long faultRef, int token, PageSource source, Resolution resolution) {
        Pending ended = close(faultRef);
        long nowNs = clockNs.getAsLong();
        timers.resolved(ended, nowNs);
        traces.resolved(ended, source, resolution, nowNs);
        ended.stream.terminal(ended.outcome(OutcomeKind.OUTCOME_KIND_RESOLVED)
                .setToken(token)
                .setSourceValue(source.code())
                .setResolutionValue(resolution.code())
                .setLoaded(ended.loaded)
                .build());
    }

    @Override
    public void failed(long faultRef, FailReason reason) {
        Pending ended = close(faultRef);
        long nowNs = clockNs.getAsLong();
        timers.failed(ended, nowNs);
        traces.failed(ended, reason, nowNs);
        ended.stream.terminal(ended.outcome(OutcomeKind.OUTCOME_KIND_FAILED)
                .setFailReasonValue(reason.code())
                .setDetail(FaultSentences.of(ended.fault, reason))
                .build());
    }

    private void refuse(FaultStream stream, Fault fault, FailReason reason, String detail) {
        refused.setRelease(reason.code(), refused.getPlain(reason.code()) + 1);
        stream.terminal(Outcome.newBuilder()
                .setSequence(fault.getSequence())
                .setKind(OutcomeKind.OUTCOME_KIND_FAILED)
                .setFailReasonValue(reason.code())
                .setDetail(detail)
                .build());
    }

    /* What is kept while a fault is undecided is bounded by what the contract knows, not by what a client sent. */
    static Fault known(Fault fault) {
        return fault.getUnknownFields().isEmpty()
                ? fault
                : fault.toBuilder()
                        .setUnknownFields(UnknownFieldSet.getDefaultInstance())
                        .build();
    }

    private int open(Pending fault) {
        int place;
        if (freeCount > 0) {
            place = free[--freeCount];
        } else {
            if (places == pending.length) {
                pending = Arrays.copyOf(pending, 2 * places);
                free = Arrays.copyOf(free, 2 * places);
            }
            place = places++;
        }
        pending[place] = fault;
        return place;
    }

    private Pending at(long faultRef) {
        Pending fault = pending[(int) faultRef];
        if (fault == null) {
            throw new IllegalStateException("faultRef: " + faultRef + " (expected: a fault that has not ended)");
        }
        return fault;
    }

    private Pending close(long faultRef) {
        Pending fault = at(faultRef);
        pending[(int) faultRef] = null;
        free[freeCount++] = (int) faultRef;
        fault.stream.client().release(ClientLimit.FAULTS);
        return fault;
    }

    /**
     * How many faults may be undecided at a time.
     *
     * @param faultsMax of all clients together
     * @param clientFaultsMax of each client
     */
    public record Limits(int faultsMax, int clientFaultsMax) {}

    /** A fault that has not ended, and what its access loaded. */
    private static final class Pending extends FaultTimes {
        private final FaultStream stream;
        private final Fault fault;
        private ByteString loaded = ByteString.EMPTY;

        Pending(FaultStream stream, Fault fault, long raisedNs, @Nullable FaultTrace trace) {
            super(raisedNs, trace);
            this.stream = stream;
            this.fault = fault;
        }

        Outcome.Builder outcome(OutcomeKind kind) {
            return Outcome.newBuilder().setSequence(fault.getSequence()).setKind(kind);
        }
    }
}
