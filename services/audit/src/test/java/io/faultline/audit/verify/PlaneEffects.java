// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.verify;

import io.faultline.model.AuditStep;
import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Resolution;
import io.faultline.model.SyncReason;
import io.faultline.vcpu.domain.Effects;
import io.faultline.vcpu.domain.VirtualMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Carries what the fault plane wants to the notification plane's queue, and to page tiers that answer at random. */
final class PlaneEffects implements Effects {
    private record Io(int frame, boolean isFetch) {}

    private static final long VM = 9;

    private final RealPlanes planes;
    private final Random random;
    private final List<Io> pending = new ArrayList<>();

    PlaneEffects(RealPlanes planes, Random random) {
        this.planes = planes;
        this.random = random;
    }

    /** Answers any one fetch or write-out; false if none is under way. */
    boolean answer(VirtualMachine machine, long nowNs) {
        if (pending.isEmpty()) {
            return false;
        }
        Io io = pending.remove(random.nextInt(pending.size()));
        int choice = random.nextInt(200);
        if (!io.isFetch) {
            if (choice < 10) {
                machine.storeUnavailable(io.frame, nowNs);
            } else if (choice < 20) {
                machine.storedZero(io.frame, nowNs);
            } else {
                machine.stored(io.frame, 1, nowNs);
            }
        } else if (choice < 10) {
            machine.fetchUnavailable(io.frame, nowNs);
        } else if (choice == 199) {
            machine.fetchFailed(
                    io.frame, random.nextBoolean() ? FailReason.PAGE_ABSENT : FailReason.PAGE_CORRUPT, nowNs);
        } else {
            machine.fetched(io.frame, PageSource.DRAM, nowNs);
        }
        return true;
    }

    @Override
    public void fetch(int frame, long gfn, long version, int crc, long faultRef) {
        pending.add(new Io(frame, true));
    }

    @Override
    public void writeOut(int frame, long gfn, long version) {
        pending.add(new Io(frame, false));
    }

    @Override
    public void create(int vcpuId, long epoch, int sdeiEvent, int pageReadyInterrupt) {
        planes.command(() -> planes.owner().create(VM, vcpuId, epoch, sdeiEvent, pageReadyInterrupt));
    }

    @Override
    public void destroy(int vcpuId, long epoch) {
        planes.command(() -> planes.owner().destroy(VM, vcpuId, epoch));
    }

    @Override
    public void arm(int vcpuId, long epoch, long control, int sdeiEvent, int pageReadyInterrupt) {
        planes.command(() -> planes.owner().arm(VM, vcpuId, epoch, control, sdeiEvent, pageReadyInterrupt));
    }

    @Override
    public void disarm(int vcpuId, long epoch) {
        planes.command(() -> planes.owner().disarm(VM, vcpuId, epoch));
    }

    @Override
    public void reset(int vcpuId, long epoch) {
        planes.command(() -> planes.owner().reset(VM, vcpuId, epoch));
    }

    @Override
    public void publish(int vcpuId, long epoch, int token, long cause, long faultRef, boolean mayWait) {
        planes.command(() -> {
            if (mayWait) {
                planes.owner().publishOrWait(VM, vcpuId, epoch, token, cause);
            } else {
                planes.owner().publish(VM, vcpuId, epoch, token, cause);
            }
        });
    }

    @Override
    public void withdraw(int vcpuId, long epoch, int token) {
        planes.command(() -> planes.owner().withdraw(VM, vcpuId, epoch, token));
    }

    @Override
    public void complete(int vcpuId, long epoch, int token, long cause, long faultRef) {
        planes.command(() -> planes.owner().complete(VM, vcpuId, epoch, token, cause));
    }

    @Override
    public void wakeAll(int vcpuId, long epoch) {
        planes.command(() -> planes.owner().wakeAll(VM, vcpuId, epoch));
    }

    @Override
    public void audit(AuditStep step) {
        planes.audit(step);
    }

    @Override
    public void access(long faultRef, int frame) {}

    @Override
    public void mapped(long faultRef, PageSource source, SyncReason reason) {}

    @Override
    public void async(long faultRef, int token) {}

    @Override
    public void resolved(long faultRef, int token, PageSource source, Resolution resolution) {}

    @Override
    public void failed(long faultRef, FailReason reason) {}

    @Override
    public void zero(int frame) {}

    @Override
    public void discard(long gfn, long version) {}

    @Override
    public void registered() {}

    @Override
    public void configured(int vcpuId, long requestId, long result, long value) {}

    @Override
    public void hostPageReady(long requestId, long gfn, int frame) {}

    @Override
    public void hostPageFailed(long requestId, long gfn, FailReason reason) {}
}
