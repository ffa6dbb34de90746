// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.check;

import io.faultline.model.AsyncPf;
import io.faultline.model.ControlWord;
import io.faultline.model.Privilege;
import io.faultline.model.Token;
import io.faultline.notifier.domain.VerdictKind;
import io.faultline.simulation.message.Command;
import io.faultline.simulation.message.Ruling;
import io.faultline.simulation.message.Touch;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Watches one life of a VM in the fault plane: its tokens, its faults' outcomes, its epochs. Sees every input before the
 * machine does and every effect after it. One thread.
 */
public final class FaultWatch {
    private final long vmId;
    private final ReadyPages readyPages;
    private final Map<Long, Watched> faults = new HashMap<>();
    private final Map<Integer, TokenState> tokens = new TreeMap<>();
    private final Map<Integer, VcpuState> vcpus = new TreeMap<>();
    private @Nullable Ruling stale;
    private boolean ended;

    /** A VM that has said nothing yet. */
    public FaultWatch(long vmId, ReadyPages readyPages) {
        this.vmId = vmId;
        this.readyPages = readyPages;
    }

    /** A fault goes in. */
    public void raised(long ref, Touch touch) {
        require(faults.put(ref, new Watched(touch)) == null, Invariant.F1, "reference " + ref + " raised twice");
    }

    /** A ruling goes in; the machine's epoch of that vCPU is the given one. */
    public void ruling(Ruling ruling, long epoch) {
        boolean isOld = ruling.epoch() != epoch && ruling.kind() != VerdictKind.CREATED;
        stale = isOld ? ruling : null;
        VcpuState vcpu = vcpu(ruling.vcpuId());
        if (ruling.kind() == VerdictKind.ARMED && vcpu.armingEpoch == ruling.epoch() && vcpu.arming && !isOld) {
            vcpu.arming = false;
            vcpu.armed = true;
            vcpu.wakeAllDue = true;
        }
        if (ruling.kind() == VerdictKind.GUEST_DETACHED && !isOld) {
            vcpu.armed = false;
        }
    }

    /** The ruling has had its effects. */
    public void rulingDone() {
        stale = null;
        for (Map.Entry<Integer, VcpuState> vcpu : vcpus.entrySet()) {
            require(!vcpu.getValue().wakeAllDue, Invariant.I28, "vcpu " + vmId + "/" + vcpu.getKey());
        }
    }

    /** The connection to the notifier is gone. */
    public void notifierLost() {
        vcpus.values().forEach(VcpuState::disarm);
    }

    /** A command comes out. */
    public void command(Command command) {
        require(!ended || command.kind() == Command.Kind.DESTROY, Invariant.I30, command);
        boolean isNotification = command.kind() == Command.Kind.COMPLETE || command.kind() == Command.Kind.WAKE_ALL;
        require(!isNotification || stale == null, Invariant.E1, stale);
        VcpuState vcpu = vcpu(command.vcpuId());
        switch (command.kind()) {
            case ARM -> {
                vcpu.disarm();
                vcpu.arming = true;
                vcpu.armingEpoch = command.epoch();
                vcpu.control = command.control();
            }
            case CREATE, DISARM, RESET, DESTROY -> vcpu.disarm();
            case PUBLISH -> published(vcpu, command);
            case COMPLETE -> completed(command);
            case WAKE_ALL -> vcpu.wakeAllDue = false;
            case WITHDRAW -> {}
        }
    }

    private void published(VcpuState vcpu, Command command) {
        int token = command.token();
        require(token != Token.NONE, Invariant.I1, command);
        require(token != Token.WAKE_ALL, Invariant.I2, command);
        require(Token.vcpuId(token) == command.vcpuId(), Invariant.I4, command);
        tokens.values().removeIf(known -> known.vcpuId == command.vcpuId() && known.fault == null);
        require(!tokens.containsKey(token), Invariant.I3, command);
        require(vcpu.armed && vcpu.armingEpoch == command.epoch(), Invariant.I5, command);
        tokens.put(token, new TokenState(command.vcpuId(), command.epoch()));
    }

    private void completed(Command command) {
        TokenState token = tokens.get(command.token());
        if (token == null || token.fault == null) {
            throw new InvariantViolation(Invariant.I11, command.toString());
        }
        require(!token.completed, Invariant.I24, command);
        require(token.ready, Invariant.I18, command);
        token.completed = true;
    }

    /** An asynchronous fetch failed: the token may be completed all the same. */
    public void fetchFailed(int token) {
        TokenState state = tokens.get(token);
        if (state != null) {
            ready(token, state);
        }
    }

    /** The outcome ASYNC comes out. */
    public void async(long ref, int token) {
        Watched fault = running(ref);
        Touch touch = fault.touch;
        require(stale == null, Invariant.E1, stale);
        TokenState state = tokens.get(token);
        if (state == null || state.fault != null) {
            throw new InvariantViolation(Invariant.F1, "ASYNC " + Token.format(token) + " for " + touch);
        }
        require(!touch.prefault(), Invariant.I7, touch);
        boolean mayBeAsync =
                touch.privilege() != Privilege.KERNEL || ControlWord.sendsAlways(vcpu(touch.vcpuId()).control);
        require(mayBeAsync, Invariant.I5, touch);
        for (TokenState other : tokens.values()) {
            Watched otherFault = other.fault;
            boolean isSame = otherFault != null
                    && other.vcpuId == state.vcpuId
                    && other.epoch == state.epoch
                    && otherFault.touch.gfn() == touch.gfn();
            require(!isSame, Invariant.I8, touch);
        }
        state.fault = fault;
        fault.token = token;
    }

    /** A fault's access is carried out; the fault. */
    public Touch access(long ref) {
        Watched fault = running(ref);
        require(!fault.accessed, Invariant.F2, fault.touch);
        fault.accessed = true;
        TokenState token = fault.token == Token.NONE ? null : tokens.get(fault.token);
        if (token != null) {
            ready(fault.token, token);
        }
        return fault.touch;
    }

    /** A fault's terminal outcome comes out; the fault. */
    public Touch terminal(long ref, boolean isFailure, int token, boolean isByRuling) {
        Watched fault = running(ref);
        require(isFailure || fault.accessed, Invariant.F2, fault.touch);
        require(
                fault.token == token || isFailure,
                Invariant.F1,
                fault.touch + " ended with token " + Token.format(token));
        require(!isByRuling || stale == null, Invariant.E1, stale);
        faults.remove(ref);
        tokens.remove(fault.token);
        return fault.touch;
    }

    /** How many works a vCPU counts after an input. */
    public void works(int vcpuId, int works) {
        require(
                works >= 0 && works <= AsyncPf.WORKS_PER_VCPU,
                Invariant.I6,
                "vcpu " + vmId + "/" + vcpuId + ": " + works);
    }

    /** The VM has ended: nothing comes out any more. */
    public void end() {
        require(faults.isEmpty(), Invariant.F1, "vm " + vmId + " ended with " + faults.size() + " faults in flight");
        ended = true;
    }

    /** The VM's process died, and its faults with it. */
    public void die() {
        ended = true;
    }

    /** Faults without a terminal outcome, in words. */
    public String faultsInFlight() {
        StringBuilder words = new StringBuilder();
        new TreeMap<>(faults)
                .values()
                .forEach(fault -> words.append(fault.touch).append("; "));
        return words.toString();
    }

    /** Whether every fault has ended. */
    public boolean isQuiet() {
        return faults.isEmpty();
    }

    private void ready(int token, TokenState state) {
        state.ready = true;
        readyPages.add(vmId, state.vcpuId, state.epoch, token);
    }

    private Watched running(long ref) {
        require(!ended || faults.containsKey(ref), Invariant.I30, "an outcome for reference " + ref);
        Watched fault = faults.get(ref);
        if (fault == null) {
            throw new InvariantViolation(Invariant.F1, "vm " + vmId + ": a second outcome for reference " + ref);
        }
        return fault;
    }

    private VcpuState vcpu(int vcpuId) {
        return vcpus.computeIfAbsent(vcpuId, _ -> new VcpuState());
    }

    private static void require(boolean holds, Invariant invariant, @Nullable Object seen) {
        if (!holds) {
            throw new InvariantViolation(invariant, String.valueOf(seen));
        }
    }

    private static final class Watched {
        private final Touch touch;
        private int token = Token.NONE;
        private boolean accessed;

        Watched(Touch touch) {
            this.touch = touch;
        }
    }

    private static final class TokenState {
        private final int vcpuId;
        private final long epoch;
        private @Nullable Watched fault;
        private boolean ready;
        private boolean completed;

        TokenState(int vcpuId, long epoch) {
            this.vcpuId = vcpuId;
            this.epoch = epoch;
        }
    }

    private static final class VcpuState {
        private boolean arming;
        private boolean armed;
        private long armingEpoch;
        private long control;
        private boolean wakeAllDue;

        void disarm() {
            arming = false;
            armed = false;
            wakeAllDue = false;
        }
    }
}
