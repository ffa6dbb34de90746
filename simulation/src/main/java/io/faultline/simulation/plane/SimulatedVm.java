// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.plane;

import io.faultline.model.Access;
import io.faultline.model.AuditStep;
import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Resolution;
import io.faultline.model.StepKind;
import io.faultline.model.SyncReason;
import io.faultline.model.Token;
import io.faultline.notifier.domain.SdeiSnapshot;
import io.faultline.simulation.check.FaultWatch;
import io.faultline.simulation.check.HintWatch;
import io.faultline.simulation.check.Invariant;
import io.faultline.simulation.check.InvariantViolation;
import io.faultline.simulation.check.PageLedger;
import io.faultline.simulation.engine.Connection;
import io.faultline.simulation.message.Command;
import io.faultline.simulation.message.Outcome;
import io.faultline.simulation.message.Ruling;
import io.faultline.simulation.message.Touch;
import io.faultline.vcpu.domain.Effects;
import io.faultline.vcpu.domain.HostAccess;
import io.faultline.vcpu.domain.MachineSpec;
import io.faultline.vcpu.domain.Vcpu;
import io.faultline.vcpu.domain.VirtualMachine;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One VM of the fault plane: the real {@link VirtualMachine} with stamps for bytes, watched. One thread. */
final class SimulatedVm implements Effects {
    private static final int SET_CONTROL = 6;

    private final World world;
    private final FaultPlane plane;
    private final MachineSpec spec;
    private final VirtualMachine machine;
    private final FaultWatch watch;
    private final PageLedger ledger;
    private final HintWatch hints;
    private final long[] frames;
    private final Map<Long, Connection<Touch, Outcome>> askers = new HashMap<>();
    private final Map<Long, FaultPlane.ConfigureAnswer> configuring = new HashMap<>();
    private final Map<Long, HostAccess> hostAccesses = new HashMap<>();
    private long lastRequestId;
    private boolean closed;

    SimulatedVm(World world, FaultPlane plane, MachineSpec spec) {
        this.world = world;
        this.plane = plane;
        this.spec = spec;
        watch = new FaultWatch(spec.vmId(), world.readyPages());
        ledger = new PageLedger(spec.vmId());
        hints = new HintWatch(spec.vmId());
        frames = new long[spec.residentPagesMax()];
        machine = new VirtualMachine(spec, this);
    }

    VirtualMachine machine() {
        return machine;
    }

    MachineSpec spec() {
        return spec;
    }

    FaultWatch watch() {
        return watch;
    }

    PageLedger ledger() {
        return ledger;
    }

    HintWatch hints() {
        return hints;
    }

    boolean isClosed() {
        return closed;
    }

    long stamp(int frame) {
        return frames[frame];
    }

    void put(int frame, long stamp) {
        frames[frame] = stamp;
    }

    /** Faults, hypercalls or host accesses that wait for something. */
    boolean isWaiting() {
        return machine.faultsInFlight() > 0 || !configuring.isEmpty() || !hostAccesses.isEmpty();
    }

    void close(boolean inGoodOrder) {
        if (inGoodOrder) {
            machine.close(world.nowNs());
            require(hostAccesses.isEmpty(), Invariant.H1, "host accesses without an answer: " + hostAccesses.size());
            watch.end();
        } else {
            watch.die();
        }
        closed = true;
        configuring.values().forEach(answer -> answer.configured(null));
        configuring.clear();
    }

    void raise(Touch touch, Connection<Touch, Outcome> asker) {
        Vcpu vcpu = machine.vcpu(touch.vcpuId());
        if (vcpu == null) {
            throw new IllegalArgumentException(
                    "vcpuId: " + touch.vcpuId() + " (expected: one of " + spec.vcpuIds() + ")");
        }
        askers.put(touch.sequence(), asker);
        watch.raised(touch.sequence(), touch);
        hints.wanted(touch.gfn());
        long ipa = touch.gfn() << spec.pageSize().shift();
        vcpu.raise(touch.sequence(), ipa, touch.access(), touch.privilege(), touch.prefault(), world.nowNs());
        checkWorks();
    }

    void rule(Ruling ruling) {
        Vcpu vcpu = machine.vcpu(ruling.vcpuId());
        if (vcpu == null) {
            return;
        }
        watch.ruling(ruling, vcpu.epoch());
        world.taps().rulingsIn.pass(ruling, passed -> handIn(vcpu, passed));
        watch.rulingDone();
        checkWorks();
    }

    private void handIn(Vcpu vcpu, Ruling ruling) {
        long epoch = ruling.epoch();
        int token = ruling.token();
        long nowNs = world.nowNs();
        switch (ruling.kind()) {
            case CREATED -> vcpu.created(epoch, nowNs);
            case ARMED -> vcpu.armed(epoch, nowNs);
            case ACCEPTED -> vcpu.accepted(epoch, token, nowNs);
            case REFUSED -> vcpu.refused(epoch, token, ruling.refusal(), nowNs);
            case CANCELLED -> vcpu.cancelled(epoch, token, nowNs);
            case READY -> vcpu.ready(epoch, token, nowNs);
            case STALE -> vcpu.stale(epoch, token, nowNs);
            case UNKNOWN -> vcpu.unknown(epoch, token, nowNs);
            case ALREADY -> vcpu.already(epoch, token, nowNs);
            case GUEST_DETACHED -> vcpu.guestDetached(epoch, nowNs);
            case NONE, DESTROYED, DISARMED, GUEST_ATTACHED -> {}
        }
    }

    void hypercall(int vcpuId, int function, int argument2, int argument3, FaultPlane.ConfigureAnswer answer) {
        Vcpu vcpu = machine.vcpu(vcpuId);
        if (vcpu == null) {
            answer.configured(null);
            return;
        }
        configuring.put(++lastRequestId, answer);
        vcpu.hypercall(lastRequestId, function, argument2, argument3, world.nowNs());
        watch.rulingDone();
    }

    /** The VMM's ioctl; the answer is null where there is none. */
    void ioctl(Vcpu vcpu, int command, long value, FaultPlane.ConfigureAnswer answer) {
        configuring.put(++lastRequestId, answer);
        vcpu.ioctl(lastRequestId, command, value, world.nowNs());
        watch.rulingDone();
    }

    /**
     * The vCPU's state is exported and imported again, as when a snapshot of a guest is resumed: with a new epoch, and the
     * word that turns asynchronous faults on stored last. The answer is null when that failed, and they are off.
     */
    void migrate(int vcpuId, NotificationPlane notifier, FaultPlane.ConfigureAnswer answer) {
        Vcpu vcpu = machine.vcpu(vcpuId);
        SdeiSnapshot snapshot = notifier.exportSdei(spec.vmId(), vcpuId);
        if (vcpu == null || snapshot == null) {
            return;
        }
        long control = vcpu.control();
        world.tally().count("nemesis", "vCPU migrated");
        vcpu.restore(vcpu.sdeiEvent(), vcpu.pageReadyInterrupt(), world.nowNs());
        long epoch = vcpu.epoch();
        if (!notifier.importSdei(spec.vmId(), vcpuId, epoch, snapshot)) {
            vcpu.reset(world.nowNs());
            answer.configured(null);
            return;
        }
        world.timeline().after(world.network().delayNs(), () -> {
            if (closed || vcpu.epoch() != epoch) {
                answer.configured(null);
            } else {
                ioctl(vcpu, SET_CONTROL, control, answer);
            }
        });
    }

    void hostAccess(long gfn, HostAccess access) {
        hostAccesses.put(++lastRequestId, access);
        hints.wanted(gfn);
        machine.hostAccess(lastRequestId, gfn, access, world.nowNs());
    }

    void reset(int vcpuId) {
        Vcpu vcpu = machine.vcpu(vcpuId);
        if (vcpu != null) {
            vcpu.reset(world.nowNs());
        }
    }

    void checkWorks() {
        for (int id : spec.vcpuIds()) {
            Vcpu vcpu = machine.vcpu(id);
            if (vcpu != null) {
                watch.works(id, vcpu.works());
            }
        }
    }

    @Override
    public void access(long faultRef, int frame) {
        Touch touch = watch.access(faultRef);
        ledger.mapped(touch.gfn(), frames[frame]);
        if (touch.access() == Access.WRITE) {
            frames[frame] = plane.newStamp();
            ledger.wrote(touch.gfn(), frames[frame]);
        }
    }

    @Override
    public void mapped(long faultRef, PageSource source, SyncReason reason) {
        world.tally().count("mapped from", source.name());
        if (reason != SyncReason.NONE) {
            world.tally().count("synchronous because", reason.name());
        }
        say(new Outcome(Outcome.Kind.MAPPED, spec.vmId(), faultRef, Token.NONE, reason.name()));
    }

    @Override
    public void async(long faultRef, int token) {
        say(new Outcome(Outcome.Kind.ASYNC, spec.vmId(), faultRef, token, ""));
    }

    @Override
    public void resolved(long faultRef, int token, PageSource source, Resolution resolution) {
        world.tally().count("asynchronous, ended", resolution.name());
        say(new Outcome(Outcome.Kind.RESOLVED, spec.vmId(), faultRef, token, resolution.name()));
    }

    @Override
    public void failed(long faultRef, FailReason reason) {
        world.tally().count("failed because", reason.name());
        say(new Outcome(Outcome.Kind.FAILED, spec.vmId(), faultRef, Token.NONE, reason.name()));
    }

    private void say(Outcome outcome) {
        world.taps().outcomesOut.pass(outcome, this::watchedSay);
    }

    private void watchedSay(Outcome outcome) {
        world.journal().note("faults: " + outcome);
        long ref = outcome.sequence();
        if (outcome.kind() == Outcome.Kind.ASYNC) {
            watch.async(ref, outcome.token());
        } else {
            boolean isFailure = outcome.kind() == Outcome.Kind.FAILED;
            boolean isByRuling = outcome.detail().equals(Resolution.READY.name())
                    || outcome.detail().equals(Resolution.CANCELLED.name());
            Touch touch = watch.terminal(ref, isFailure, outcome.token(), isByRuling);
            if (outcome.detail().equals(FailReason.PAGE_ABSENT.name())
                    || outcome.detail().equals(FailReason.PAGE_CORRUPT.name())) {
                ledger.saidLost(touch.gfn(), outcome.detail());
            }
        }
        Connection<Touch, Outcome> asker = outcome.kind().isTerminal() ? askers.remove(ref) : askers.get(ref);
        if (asker != null) {
            asker.down().send(outcome);
        }
    }

    @Override
    public void zero(int frame) {
        frames[frame] = 0;
    }

    @Override
    public void fetch(int frame, long gfn, long version, int crc, long faultRef) {
        plane.fetch(this, frame, gfn, version, crc);
    }

    @Override
    public void writeOut(int frame, long gfn, long version) {
        plane.store(this, frame, gfn, version);
    }

    @Override
    public void discard(long gfn, long version) {
        plane.discard(this, gfn, version);
    }

    @Override
    public boolean prefetch(long gfn, long version) {
        return plane.prefetch(this, gfn, version);
    }

    @Override
    public void create(int vcpuId, long epoch, int sdeiEvent, int interrupt) {
        Command.Numbers numbers = new Command.Numbers(0, sdeiEvent, interrupt);
        command(Command.define(Command.Kind.CREATE, spec.vmId(), vcpuId, epoch, numbers));
    }

    @Override
    public void destroy(int vcpuId, long epoch) {
        command(Command.of(Command.Kind.DESTROY, spec.vmId(), vcpuId, epoch, Token.NONE));
    }

    @Override
    public void arm(int vcpuId, long epoch, long control, int sdeiEvent, int interrupt) {
        Command.Numbers numbers = new Command.Numbers(control, sdeiEvent, interrupt);
        command(Command.define(Command.Kind.ARM, spec.vmId(), vcpuId, epoch, numbers));
    }

    @Override
    public void disarm(int vcpuId, long epoch) {
        command(Command.of(Command.Kind.DISARM, spec.vmId(), vcpuId, epoch, Token.NONE));
    }

    @Override
    public void reset(int vcpuId, long epoch) {
        command(Command.of(Command.Kind.RESET, spec.vmId(), vcpuId, epoch, Token.NONE));
    }

    @Override
    public void publish(int vcpuId, long epoch, int token, long cause, long faultRef, boolean mayWait) {
        command(Command.publish(spec.vmId(), vcpuId, epoch, token, mayWait));
    }

    @Override
    public void withdraw(int vcpuId, long epoch, int token) {
        command(Command.of(Command.Kind.WITHDRAW, spec.vmId(), vcpuId, epoch, token));
    }

    @Override
    public void complete(int vcpuId, long epoch, int token, long cause, long faultRef) {
        command(Command.of(Command.Kind.COMPLETE, spec.vmId(), vcpuId, epoch, token));
    }

    @Override
    public void wakeAll(int vcpuId, long epoch) {
        command(Command.of(Command.Kind.WAKE_ALL, spec.vmId(), vcpuId, epoch, Token.WAKE_ALL));
    }

    private void command(Command command) {
        world.taps().commandsOut.pass(command, passed -> {
            watch.command(passed);
            plane.send(passed);
        });
    }

    @Override
    public void registered() {
        world.tally().count("VMs", "registered");
    }

    @Override
    public void configured(int vcpuId, long requestId, long result, long value) {
        FaultPlane.@Nullable ConfigureAnswer answer = configuring.remove(requestId);
        require(answer != null, Invariant.I33, "a second answer to hypercall " + requestId);
        if (answer != null) {
            answer.configured(result);
        }
    }

    @Override
    public void hostPageReady(long requestId, long gfn, int frame) {
        HostAccess access = hostAccesses.remove(requestId);
        require(access != null, Invariant.H1, "a second answer to host access " + requestId);
        world.tally().count("host access", "done");
        if (access != HostAccess.OVERWRITE) {
            ledger.mapped(gfn, frames[frame]);
        }
        if (access != HostAccess.READ) {
            frames[frame] = plane.newStamp();
            ledger.overwrote(gfn, frames[frame]);
        }
    }

    @Override
    public void hostPageFailed(long requestId, long gfn, FailReason reason) {
        HostAccess access = hostAccesses.remove(requestId);
        require(access != null, Invariant.H1, "a second answer to host access " + requestId);
        world.tally().count("host access", "failed, " + reason);
        if (reason == FailReason.PAGE_ABSENT || reason == FailReason.PAGE_CORRUPT) {
            ledger.saidLost(gfn, reason.name());
        }
    }

    @Override
    public void audit(AuditStep step) {
        if (step.kind() == StepKind.FETCH_FAILED) {
            watch.fetchFailed(step.token());
        }
    }

    private static void require(boolean holds, Invariant invariant, String seen) {
        if (!holds) {
            throw new InvariantViolation(invariant, seen);
        }
    }
}
