// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import io.faultline.model.Refusal;
import io.faultline.model.Token;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connection of one vcpu-service: the commands on the vCPUs that it created. A command on any other vCPU is UNKNOWN, one
 * of another epoch STALE; neither changes anything. Owned by the machine's thread.
 */
public final class OwnerSession {
    private final NotificationMachine machine;
    private final OwnerPort port;
    private final Set<Vcpu> vcpus = new LinkedHashSet<>();
    private final List<Vcpu> orphans = new ArrayList<>();

    OwnerSession(NotificationMachine machine, OwnerPort port) {
        this.machine = machine;
        this.port = port;
    }

    /**
     * The vCPU exists and is this session's: disarmed, with this epoch. Repeating it disarms. A vCPU whose owner was lost
     * is taken over with the guest that is attached to it, and the new owner is told of that guest. An epoch older than
     * the vCPU's is another life of it: the one before is destroyed. Numbers that are not chosen yet are 0.
     */
    public void create(long vmId, int vcpuId, long epoch, int sdeiEvent, int pageReadyInterrupt) {
        create(vmId, vcpuId, epoch, sdeiEvent, pageReadyInterrupt, "");
    }

    /**
     * As {@link #create(long, int, long, int, int)}, of a VM that someone registered. One that someone else had registered is another
     * life of it too: nothing of the one before is left to this one, and its guest is detached.
     */
    public void create(long vmId, int vcpuId, long epoch, int sdeiEvent, int pageReadyInterrupt, String registrant) {
        Vcpu vcpu = machine.find(vmId, vcpuId);
        Refusal refusal = creationObstacle(vcpu, vcpuId, sdeiEvent, pageReadyInterrupt);
        if (refusal != Refusal.NONE) {
            refuse(vmId, vcpuId, epoch, Token.NONE, refusal);
            return;
        }
        if (vcpu != null && isAnotherLife(vcpu, epoch, registrant)) {
            remove(vcpu, "the vCPU was created anew");
            vcpu = null;
        }
        long opened = 0;
        if (vcpu == null) {
            vcpu = machine.add(vmId, vcpuId, registrant);
            vcpu.reports().epoch(epoch);
            opened = vcpu.open();
        }
        vcpus.add(vcpu);
        vcpu.adopt(this, epoch, sdeiEvent, pageReadyInterrupt);
        vcpu.reports().verdict(VerdictKind.CREATED, opened);
        if (vcpu.guest() != null) {
            vcpu.reports().verdict(VerdictKind.GUEST_ATTACHED, 0);
        }
    }

    /** The vCPU is gone; its guest is detached from it. */
    public void destroy(long vmId, int vcpuId, long epoch) {
        Vcpu vcpu = find(vmId, vcpuId);
        if (vcpu == null) {
            answer(VerdictKind.UNKNOWN, vmId, vcpuId, epoch, Token.NONE);
            return;
        }
        vcpu.reports().verdict(VerdictKind.DESTROYED, remove(vcpu, "the vCPU was destroyed"));
        vcpu.reports().owner(null);
    }

    /** Enables asynchronous faults with a new epoch and a control word. */
    public void arm(long vmId, int vcpuId, long epoch, long control, int sdeiEvent, int pageReadyInterrupt) {
        Vcpu vcpu = find(vmId, vcpuId);
        if (vcpu == null) {
            answer(VerdictKind.UNKNOWN, vmId, vcpuId, epoch, Token.NONE);
        } else if (!vcpu.mayArm(epoch)) {
            answer(VerdictKind.STALE, vmId, vcpuId, epoch, Token.NONE);
        } else {
            Refusal refusal = vcpu.arm(epoch, control, sdeiEvent, pageReadyInterrupt);
            if (refusal != Refusal.NONE) {
                refuse(vmId, vcpuId, epoch, Token.NONE, refusal);
            }
        }
    }

    /** Disables asynchronous faults. */
    public void disarm(long vmId, int vcpuId, long epoch) {
        Vcpu vcpu = current(vmId, vcpuId, epoch, Token.NONE);
        if (vcpu != null) {
            vcpu.disarmAndAnswer();
        }
    }

    /** Disables asynchronous faults with a new epoch and sets SDEI to its initial state. */
    public void reset(long vmId, int vcpuId, long epoch) {
        Vcpu vcpu = find(vmId, vcpuId);
        if (vcpu == null) {
            answer(VerdictKind.UNKNOWN, vmId, vcpuId, epoch, Token.NONE);
        } else if (!vcpu.mayReset(epoch)) {
            answer(VerdictKind.STALE, vmId, vcpuId, epoch, Token.NONE);
        } else {
            vcpu.reset(epoch);
        }
    }

    /** Tells the guest "page not present", all or nothing; {@code cause} is the fault plane's audit step. */
    public void publish(long vmId, int vcpuId, long epoch, int token, long cause) {
        Vcpu vcpu = current(vmId, vcpuId, epoch, token);
        if (vcpu != null) {
            vcpu.notifications().publish(token, cause);
            machine.touch(vcpu);
        }
    }

    /**
     * As {@link #publish}, but while only a page-ready that the guest has not acknowledged is in the way, the answer waits
     * for the acknowledgement, for {@link #withdraw}, or for the end of the epoch, which answers nothing.
     */
    public void publishOrWait(long vmId, int vcpuId, long epoch, int token, long cause) {
        Vcpu vcpu = current(vmId, vcpuId, epoch, token);
        if (vcpu != null) {
            vcpu.notifications().publishOrWait(token, cause);
            machine.touch(vcpu);
        }
    }

    /** The guest need not be told any more: a publication that still waits is refused, any other is left as it is. */
    public void withdraw(long vmId, int vcpuId, long epoch, int token) {
        Vcpu vcpu = current(vmId, vcpuId, epoch, token);
        if (vcpu != null) {
            vcpu.notifications().withdraw(token);
        }
    }

    /** The token's page is mapped; {@code cause} is the fault plane's audit step. */
    public void complete(long vmId, int vcpuId, long epoch, int token, long cause) {
        Vcpu vcpu = current(vmId, vcpuId, epoch, token);
        if (vcpu != null) {
            vcpu.notifications().complete(token, cause);
            machine.touch(vcpu);
        }
    }

    /** Wakes every parked task of the vCPU. */
    public void wakeAll(long vmId, int vcpuId, long epoch) {
        Vcpu vcpu = current(vmId, vcpuId, epoch, Token.WAKE_ALL);
        if (vcpu != null) {
            vcpu.notifications().wakeAll();
            machine.touch(vcpu);
        }
    }

    /** Answers a command that is not understood. */
    public void refuse(long vmId, int vcpuId, long epoch, int token, Refusal refusal) {
        machine.out()
                .verdict(VerdictKind.REFUSED, vmId, vcpuId, epoch)
                .token(token)
                .refusal(refusal);
        machine.out().send(port);
    }

    /** The connection ended: its vCPUs are disarmed, belong to nobody, and keep their guests. */
    public void close() {
        for (Vcpu vcpu : vcpus) {
            vcpu.orphan(this);
        }
        orphans.addAll(vcpus);
        vcpus.clear();
    }

    /**
     * Nobody waits any more for the owner of a closed session to come back: of the vCPUs that nobody has taken over since, each
     * guest is detached and told why, in a sentence for a person, and they are gone.
     */
    public void giveUp(String detail) {
        for (Vcpu vcpu : orphans) {
            if (vcpu.wasLostBy(this)
                    && machine.find(vcpu.reports().vmId(), vcpu.reports().vcpuId()) == vcpu) {
                remove(vcpu, detail);
            }
        }
        orphans.clear();
    }

    private void answer(VerdictKind kind, long vmId, int vcpuId, long epoch, int token) {
        machine.out().verdict(kind, vmId, vcpuId, epoch).token(token);
        machine.out().send(port);
    }

    OwnerPort port() {
        return port;
    }

    private Refusal creationObstacle(@Nullable Vcpu vcpu, int vcpuId, int sdeiEvent, int pageReadyInterrupt) {
        boolean isDefinable = (sdeiEvent == 0 || Vcpu.isEvent(sdeiEvent))
                && (pageReadyInterrupt == 0 || Vcpu.isInterrupt(pageReadyInterrupt));
        if (vcpuId < 0 || vcpuId > Token.VCPU_ID_MAX || !isDefinable) {
            return Refusal.INVALID;
        }
        if (vcpu == null) {
            return machine.hasRoom() ? Refusal.NONE : Refusal.LIMIT;
        }
        boolean isElsewhere = vcpu.owner() != null && vcpu.owner() != this;
        return isElsewhere ? Refusal.OWNED_ELSEWHERE : Refusal.NONE;
    }

    private static boolean isAnotherLife(Vcpu vcpu, long epoch, String registrant) {
        return Long.compareUnsigned(epoch, vcpu.reports().epoch()) < 0
                || !vcpu.registrant().equals(registrant);
    }

    private long remove(Vcpu vcpu, String detail) {
        GuestSession guest = vcpu.guest();
        if (guest != null) {
            guest.release(vcpu, detail);
        }
        vcpus.remove(vcpu);
        return machine.remove(vcpu);
    }

    private @Nullable Vcpu find(long vmId, int vcpuId) {
        Vcpu vcpu = machine.find(vmId, vcpuId);
        return vcpu == null || vcpu.owner() != this ? null : vcpu;
    }

    /** This session's vCPU if the epoch is its; else answers and returns null. */
    private @Nullable Vcpu current(long vmId, int vcpuId, long epoch, int token) {
        Vcpu vcpu = find(vmId, vcpuId);
        if (vcpu == null) {
            answer(VerdictKind.UNKNOWN, vmId, vcpuId, epoch, token);
            return null;
        }
        if (vcpu.reports().epoch() != epoch) {
            answer(VerdictKind.STALE, vmId, vcpuId, epoch, token);
            return null;
        }
        return vcpu;
    }
}
