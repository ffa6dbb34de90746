// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.check;

import io.faultline.model.Reason;
import io.faultline.model.Token;
import io.faultline.notifier.domain.HostEventKind;
import io.faultline.notifier.domain.SdeiResult;
import io.faultline.notifier.domain.VerdictKind;
import io.faultline.simulation.message.Call;
import io.faultline.simulation.message.Command;
import io.faultline.simulation.message.Event;
import io.faultline.simulation.message.Ruling;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Watches one life of the notification plane: sees each input before the machine does and each effect as it comes out, and
 * holds them against a shadow of every vCPU. One thread.
 */
public final class NotificationWatch {
    private static final int EVENT_COMPLETE = 0xC400_0025;
    private static final int EVENT_COMPLETE_AND_RESUME = 0xC400_0026;

    private static final int EVENT_SIGNAL = 0xC400_002F;
    private static final int AFF0_BITS = 4;
    private static final int AFF0_MASK = 0xF;
    private static final int AFF1_SHIFT = 8;
    private static final int AFF1_MASK = 0xFF;

    private final ReadyPages readyPages;
    private final BooleanSupplier areasAccessible;
    private final Map<Long, ShadowVcpu> vcpus = new TreeMap<>();
    /** Whether the command in hand must have no effect. */
    private boolean fenced;

    private boolean isPublication;
    private boolean mayPublish;
    private boolean mustWait;
    /** The vCPU of the withdrawal in hand, and its token. */
    private @Nullable ShadowVcpu withdrawing;

    private int withdrawn;
    private long expectedResult = ShadowPe.ANY;

    /** A plane without vCPUs. */
    public NotificationWatch(ReadyPages readyPages, BooleanSupplier areasAccessible) {
        this.readyPages = readyPages;
        this.areasAccessible = areasAccessible;
    }

    /** A command goes in; until {@link #commandDone} every ruling is its answer. */
    public void command(Command command, Object owner) {
        ShadowVcpu vcpu = find(command.vmId(), command.vcpuId());
        boolean isOwn = vcpu != null && Objects.equals(vcpu.owner, owner);
        isPublication = command.kind() == Command.Kind.PUBLISH;
        fenced = switch (command.kind()) {
            case CREATE -> vcpu != null && vcpu.owner != null && !isOwn;
            case DESTROY, ARM, RESET -> !isOwn;
            case DISARM, PUBLISH, WITHDRAW, COMPLETE, WAKE_ALL ->
                vcpu == null || !isOwn || vcpu.epoch != command.epoch();
        };
        if (vcpu == null || fenced) {
            mayPublish = false;
            return;
        }
        switch (command.kind()) {
            case PUBLISH -> publication(vcpu, command);
            case COMPLETE -> vcpu.complete(command.token());
            case WAKE_ALL -> {
                if (vcpu.armed && vcpu.done.isEmpty()) {
                    vcpu.done.add(Token.WAKE_ALL);
                }
            }
            case CREATE -> {
                if (Long.compareUnsigned(command.epoch(), vcpu.epoch) < 0) {
                    vcpu.detach();
                }
            }
            case RESET -> {
                if (Long.compareUnsigned(command.epoch(), vcpu.epoch) >= 0) {
                    vcpu.resetPe();
                }
            }
            case WITHDRAW -> {
                withdrawing = vcpu;
                withdrawn = command.token();
            }
            case DESTROY, ARM, DISARM -> {}
        }
    }

    private void publication(ShadowVcpu vcpu, Command command) {
        boolean accessible = areasAccessible.getAsBoolean();
        mayPublish = accessible && vcpu.mayPublish(command.token(), command.vcpuId());
        mustWait = accessible && command.mayWait() && vcpu.mustWait(command.token(), command.vcpuId());
        if (mustWait) {
            vcpu.waiting = command.token();
        }
    }

    /** The command has had its answer. */
    public void commandDone() {
        fenced = false;
        isPublication = false;
        mustWait = false;
        boolean isDone = withdrawing == null || withdrawing.waiting == Token.NONE || withdrawing.waiting != withdrawn;
        withdrawing = null;
        require(isDone, Invariant.I5, "withdrawn, but it waits: " + Token.format(withdrawn));
    }

    /** A ruling comes out, to an owner. */
    public void ruling(Ruling ruling, Object owner) {
        boolean isRefusal = ruling.kind() == VerdictKind.STALE
                || ruling.kind() == VerdictKind.UNKNOWN
                || ruling.kind() == VerdictKind.REFUSED;
        require(!fenced || isRefusal, Invariant.E1, ruling);
        ShadowVcpu vcpu = find(ruling.vmId(), ruling.vcpuId());
        if (ruling.kind() == VerdictKind.CREATED) {
            created(ruling, owner);
            return;
        }
        if (vcpu == null || fenced) {
            return;
        }
        switch (ruling.kind()) {
            case ARMED -> {
                vcpu.disarm();
                vcpu.armed = true;
                vcpu.epoch = ruling.epoch();
            }
            case DISARMED -> {
                vcpu.disarm();
                vcpu.epoch = ruling.epoch();
            }
            case ACCEPTED -> accepted(vcpu, ruling);
            case REFUSED -> refused(vcpu, ruling);
            case CANCELLED -> {
                require(vcpu.notPresent == ruling.token(), Invariant.I15, ruling);
                vcpu.cancel();
            }
            case READY -> readySaid(vcpu, ruling);
            case DESTROYED -> vcpus.remove(key(ruling.vmId(), ruling.vcpuId()));
            case NONE, CREATED, STALE, UNKNOWN, ALREADY, GUEST_ATTACHED, GUEST_DETACHED -> {}
        }
    }

    private void created(Ruling ruling, Object owner) {
        ShadowVcpu vcpu = vcpus.computeIfAbsent(key(ruling.vmId(), ruling.vcpuId()), _ -> new ShadowVcpu());
        vcpu.disarm();
        vcpu.owner = owner;
        vcpu.epoch = ruling.epoch();
    }

    private void accepted(ShadowVcpu vcpu, Ruling ruling) {
        if (!isPublication) {
            waited(vcpu, ruling);
        }
        boolean isOutstanding = vcpu.outstanding.containsKey(ruling.token());
        require(!isOutstanding, Invariant.I3, ruling);
        require(vcpu.isFree(), Invariant.I9, ruling);
        require(mayPublish, Invariant.I5, ruling);
        vcpu.publish(ruling.token());
    }

    private void refused(ShadowVcpu vcpu, Ruling ruling) {
        if (isPublication) {
            require(!mayPublish && !mustWait, Invariant.I5, ruling);
        } else if (vcpu.waiting != Token.NONE && vcpu.waiting == ruling.token()) {
            waited(vcpu, ruling);
            require(withdrawing != null || !mayPublish, Invariant.I5, ruling);
        }
    }

    /** A publication that waited is answered, after the command that it came with. */
    private void waited(ShadowVcpu vcpu, Ruling ruling) {
        require(vcpu.waiting == ruling.token(), Invariant.I5, ruling);
        vcpu.waiting = Token.NONE;
        mayPublish = areasAccessible.getAsBoolean() && vcpu.mayPublish(ruling.token(), ruling.vcpuId());
    }

    private void readySaid(ShadowVcpu vcpu, Ruling ruling) {
        Integer head = vcpu.done.peek();
        boolean isKnown = ruling.token() == Token.WAKE_ALL || vcpu.outstanding.containsKey(ruling.token());
        require(isKnown, Invariant.I17, ruling);
        require(head != null && head == ruling.token(), Invariant.I19, ruling);
    }

    /** A call goes in; until {@link #callDone} every result is its answer. */
    public void call(Call call, GuestEnd guest) {
        ShadowVcpu vcpu = find(call.vmId(), call.vcpuId());
        expectedResult = ShadowPe.ANY;
        if (call.kind() == Call.Kind.ATTACH) {
            if (vcpu != null && Objects.equals(vcpu.guest, guest)) {
                vcpu.detach();
            }
            return;
        }
        if (vcpu == null || !Objects.equals(vcpu.guest, guest)) {
            expectedResult = SdeiResult.DENIED;
            return;
        }
        switch (call.kind()) {
            case SDEI -> sdei(vcpu, call);
            case CLEAR_AREA -> {
                vcpu.clear(call.words());
                expectedResult = SdeiResult.SUCCESS;
            }
            case ACKNOWLEDGE -> {
                vcpu.interruptHigh = false;
                expectedResult = SdeiResult.SUCCESS;
            }
            case ATTACH, DETACH -> {}
        }
    }

    private void sdei(ShadowVcpu vcpu, Call call) {
        boolean isCompletion = call.function() == EVENT_COMPLETE || call.function() == EVENT_COMPLETE_AND_RESUME;
        if (isCompletion) {
            expectedResult = vcpu.completeHandler() ? ShadowPe.ANY : SdeiResult.DENIED;
        } else if (call.function() == EVENT_SIGNAL) {
            expectedResult = signal(call);
        } else {
            expectedResult = vcpu.pe.call(call.function(), call.argument1());
        }
    }

    private long signal(Call call) {
        long mpidr = call.argument2();
        ShadowVcpu target =
                find(call.vmId(), (int) ((mpidr & AFF0_MASK) | ((mpidr >>> AFF1_SHIFT) & AFF1_MASK) << AFF0_BITS));
        boolean isTarget = mpidr >>> (2 * AFF1_SHIFT) == 0 && (mpidr & AFF1_MASK) <= AFF0_MASK;
        return call.argument1() != 0 || !isTarget || target == null || target.guest == null
                ? SdeiResult.INVALID_PARAMETERS
                : target.pe.signal();
    }

    /** The call has had its answer. */
    public void callDone() {
        expectedResult = ShadowPe.ANY;
    }

    /** An event comes out, to a guest. */
    public void event(Event event, GuestEnd guest) {
        ShadowVcpu vcpu = find(event.vmId(), event.vcpuId());
        if (event.kind() == HostEventKind.RESULT) {
            boolean isExpected = expectedResult == ShadowPe.ANY || expectedResult == event.result();
            require(isExpected, Invariant.I34, event + " (expected: " + expectedResult + ")");
        }
        if (vcpu == null) {
            return;
        }
        switch (event.kind()) {
            case ATTACHED -> {
                vcpu.guest = guest;
                vcpu.resetPe();
            }
            case DETACHED -> {
                if (Objects.equals(vcpu.guest, guest)) {
                    vcpu.detach();
                }
            }
            case SDEI_EVENT -> delivered(vcpu, event);
            case INTERRUPT -> interrupted(vcpu, event);
            case NONE, RESULT, RESUMED -> {}
        }
    }

    private static void delivered(ShadowVcpu vcpu, Event event) {
        ShadowPe.ShadowEvent dispatched = vcpu.pe.event(event.number());
        if (dispatched == vcpu.pe.published) {
            require(vcpu.notPresent != Token.NONE, Invariant.I13, event);
            boolean isArea = event.reason() == vcpu.reason && event.token() == vcpu.areaToken;
            require(isArea, Invariant.I10, event);
            vcpu.notPresent = Token.NONE;
        }
        ShadowPe.ShadowEvent due = vcpu.pe.due();
        if (due == null || due != dispatched) {
            throw new InvariantViolation(Invariant.I35, event.toString());
        }
        vcpu.pe.dispatch(due);
    }

    private void interrupted(ShadowVcpu vcpu, Event event) {
        int token = event.token();
        require(event.reason() == Reason.PAGE_READY.code() && token != Token.NONE, Invariant.I10, event);
        boolean isKnown = token == Token.WAKE_ALL || vcpu.outstanding.containsKey(token);
        require(isKnown, Invariant.I17, event);
        require(vcpu.isFree() && !vcpu.awaitsHandler, Invariant.I20, event);
        Integer head = vcpu.done.peek();
        require(head != null && head == token, Invariant.I19, event);
        boolean isMapped =
                token == Token.WAKE_ALL || readyPages.contains(event.vmId(), event.vcpuId(), vcpu.epoch, token);
        require(isMapped, Invariant.I18, event);
        vcpu.ready(token);
    }

    /** An owner's connection is gone. */
    public void ownerGone(Object owner) {
        for (ShadowVcpu vcpu : vcpus.values()) {
            if (Objects.equals(vcpu.owner, owner)) {
                vcpu.owner = null;
                vcpu.disarm();
            }
        }
    }

    /** A guest's connection is gone. */
    public void guestGone(GuestEnd guest) {
        for (ShadowVcpu vcpu : vcpus.values()) {
            if (Objects.equals(vcpu.guest, guest)) {
                vcpu.detach();
            }
        }
    }

    /** The machine has entered its guests: whatever could be told was. */
    public void entered() {
        for (Map.Entry<Long, ShadowVcpu> entry : vcpus.entrySet()) {
            ShadowVcpu vcpu = entry.getValue();
            if (vcpu.canTellGuest()) {
                boolean isForgotten = vcpu.isReadyDue() && areasAccessible.getAsBoolean();
                require(!isForgotten, Invariant.I26, name(entry.getKey()) + " completions " + vcpu.done);
                boolean isLeftWaiting = vcpu.waiting != Token.NONE && !vcpu.interruptHigh;
                require(!isLeftWaiting, Invariant.I26, name(entry.getKey()) + " waits " + vcpu.waiting);
                require(vcpu.pe.due() == null, Invariant.I37, name(entry.getKey()));
            }
        }
    }

    /** A vCPU goes on with its own SDEI state, exported before, in another epoch. */
    public void migrated(long vmId, int vcpuId, long epoch) {
        ShadowVcpu vcpu = find(vmId, vcpuId);
        if (vcpu != null) {
            vcpu.migrate(epoch);
        }
    }

    /** Tokens accepted and not ended, of all vCPUs. */
    public int tokensOutstanding() {
        return vcpus.values().stream().mapToInt(vcpu -> vcpu.outstanding.size()).sum();
    }

    /** vCPUs that belong to a fault plane; others are kept only until their room is needed. */
    public long ownedVcpus() {
        return vcpus.values().stream().filter(vcpu -> vcpu.owner != null).count();
    }

    /** Everything that a guest was not told yet, in words. */
    public String untold() {
        StringBuilder words = new StringBuilder();
        vcpus.forEach((key, vcpu) -> {
            if (!vcpu.done.isEmpty() || !vcpu.outstanding.isEmpty()) {
                words.append(name(key)).append(" done ").append(vcpu.done.size());
                words.append(" outstanding ").append(vcpu.outstanding.size()).append("; ");
            }
        });
        return words.toString();
    }

    private @Nullable ShadowVcpu find(long vmId, int vcpuId) {
        return vcpus.get(key(vmId, vcpuId));
    }

    private static long key(long vmId, int vcpuId) {
        return vmId << Integer.SIZE | vcpuId;
    }

    private static String name(long key) {
        return "vcpu " + (key >>> Integer.SIZE) + "/" + (int) key;
    }

    private static void require(boolean holds, Invariant invariant, @Nullable Object seen) {
        if (!holds) {
            throw new InvariantViolation(invariant, String.valueOf(seen));
        }
    }
}
