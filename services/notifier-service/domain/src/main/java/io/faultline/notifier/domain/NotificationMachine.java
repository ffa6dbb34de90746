// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The notification plane: vCPUs, the connections of the vcpu-services that own them, and those of their guests. The caller
 * hands in a batch of commands or calls through a session, then has the touched vCPUs {@link #enter}. One thread owns the
 * machine and everything in it.
 */
public final class NotificationMachine {
    private final VcpuTable vcpus = new VcpuTable();
    private final ArrayDeque<Vcpu> touched = new ArrayDeque<>();
    private final ArrayDeque<Vcpu> heldBack = new ArrayDeque<>();
    private final NotifierCounters counters = new NotifierCounters();
    private final Outbox out;
    private final AreaAccess areas;
    private final int vcpusMax;

    /**
     * A plane without vCPUs.
     *
     * @param vcpusMax how many there may be; the next creation is refused
     */
    public NotificationMachine(AuditSink audit, AreaAccess areas, int vcpusMax) {
        if (vcpusMax < 1) {
            throw new IllegalArgumentException("vcpusMax: " + vcpusMax + " (expected: > 0)");
        }
        out = new Outbox(audit, counters);
        this.areas = areas;
        this.vcpusMax = vcpusMax;
    }

    /** A vcpu-service connected. */
    public OwnerSession connect(OwnerPort port) {
        return new OwnerSession(this, port);
    }

    /** A guest connected. */
    public GuestSession connect(GuestPort port) {
        return new GuestSession(this, port);
    }

    /**
     * Ends an input batch: every vCPU that it touched tells its guest what can be told now. One whose page-ready an
     * inaccessible area holds back tries again at the end of each batch, whatever that is about.
     */
    public void enter() {
        Vcpu vcpu;
        while ((vcpu = touched.poll()) != null) {
            if (vcpu.enter()) {
                heldBack.add(vcpu);
            }
        }
        while ((vcpu = heldBack.poll()) != null) {
            touch(vcpu);
        }
    }

    /** What migrates of a vCPU's SDEI state, or null for a vCPU that is not here. */
    public @Nullable SdeiSnapshot exportSdei(long vmId, int vcpuId) {
        Vcpu vcpu = vcpus.find(vmId, vcpuId);
        return vcpu == null ? null : vcpu.notifications().snapshot();
    }

    /**
     * Resets a vCPU with an epoch to the SDEI state that it had elsewhere. What is outstanding is dropped, as by RESET.
     *
     * @throws IllegalArgumentException for a state that no PE is ever in; then nothing has changed
     */
    public SdeiImport importSdei(long vmId, int vcpuId, long epoch, SdeiSnapshot snapshot) {
        Vcpu vcpu = vcpus.find(vmId, vcpuId);
        if (vcpu == null) {
            return SdeiImport.NOT_FOUND;
        }
        if (!vcpu.mayReset(epoch)) {
            return SdeiImport.STALE;
        }
        vcpu.restore(epoch, snapshot);
        touch(vcpu);
        return SdeiImport.IMPORTED;
    }

    /** Who registered a vCPU's VM, as the vcpu-service said that created it; null for a vCPU that is not here. */
    public @Nullable String registrant(long vmId, int vcpuId) {
        Vcpu vcpu = vcpus.find(vmId, vcpuId);
        return vcpu == null ? null : vcpu.registrant();
    }

    /** What happened so far; may be read by any thread. */
    public NotifierCounters counters() {
        return counters;
    }

    /** Counts the vCPUs by their states; looks at each. */
    public VcpuSurvey survey() {
        VcpuSurvey.Count count = new VcpuSurvey.Count();
        vcpus.forEach(count::add);
        return count.survey();
    }

    @Nullable
    Vcpu find(long vmId, int vcpuId) {
        return vcpus.find(vmId, vcpuId);
    }

    /** Whether a vCPU may be added; vCPUs that have neither owner nor guest make room. */
    boolean hasRoom() {
        if (vcpus.size() == vcpusMax) {
            vcpus.matching(vcpu -> vcpu.owner() == null && vcpu.guest() == null).forEach(this::remove);
        }
        return vcpus.size() < vcpusMax;
    }

    Vcpu add(long vmId, int vcpuId, String registrant) {
        Vcpu vcpu = new Vcpu(vmId, vcpuId, registrant, out, areas);
        vcpus.add(vcpu);
        return vcpu;
    }

    /** Removes a vCPU; the audit step of that. */
    long remove(Vcpu vcpu) {
        vcpus.remove(vcpu);
        return vcpu.close();
    }

    /** Has a vCPU enter its guest at the end of this batch. */
    void touch(Vcpu vcpu) {
        if (vcpu.markEntryDue()) {
            touched.add(vcpu);
        }
    }

    Outbox out() {
        return out;
    }
}
