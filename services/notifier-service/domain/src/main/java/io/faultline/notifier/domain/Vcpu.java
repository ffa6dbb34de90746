// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import io.faultline.model.AsyncPf;
import io.faultline.model.Refusal;
import io.faultline.model.StepKind;
import org.jspecify.annotations.Nullable;

/**
 * One vCPU in the notification plane: whose it is, which guest is attached, and the epoch that its notifications are armed
 * with. Owned by the machine's thread.
 */
final class Vcpu {
    private final VcpuReports reports;
    private final Notifications notifications;
    private final String registrant;
    private boolean wasArmedInEpoch;
    private boolean entryDue;
    private @Nullable OwnerSession lostBy;

    Vcpu(long vmId, int vcpuId, String registrant, Outbox out, AreaAccess areas) {
        this.registrant = registrant;
        reports = new VcpuReports(vmId, vcpuId, out);
        notifications = new Notifications(reports, areas);
    }

    /** Whether a number can be an SDEI event's; 0 is the one that software signals. */
    static boolean isEvent(int number) {
        return number > 0;
    }

    /** Whether a number can be a private peripheral interrupt's. */
    static boolean isInterrupt(int number) {
        return number >= AsyncPf.PPI_MIN && number <= AsyncPf.PPI_MAX;
    }

    /** Begins the audit chain. */
    long open() {
        return reports.step(StepKind.OPENED);
    }

    /** Ends the audit chain. */
    long close() {
        return reports.step(StepKind.CLOSED);
    }

    /** Belongs to an owner from now on, disarmed; a guest that is attached stays so. A number of 0 leaves what was. */
    void adopt(OwnerSession owner, long epoch, int sdeiEvent, int pageReadyInterrupt) {
        disarm();
        reports.owner(owner);
        setEpoch(epoch);
        notifications.define(sdeiEvent, pageReadyInterrupt);
    }

    /** Belongs to nobody from now on, disarmed; a guest that is attached stays so. */
    void orphan(OwnerSession lost) {
        disarm();
        reports.owner(null);
        lostBy = lost;
    }

    /** Whether it belongs to nobody, and that session was its last owner. */
    boolean wasLostBy(OwnerSession session) {
        return owner() == null && lostBy == session;
    }

    /** Whether ARM may bring this epoch: epochs only grow, and each is armed once. */
    boolean mayArm(long epoch) {
        int order = Long.compareUnsigned(epoch, reports.epoch());
        return order > 0 || (order == 0 && !wasArmedInEpoch);
    }

    /** Enables asynchronous faults and answers; or says why not, without a trace. */
    Refusal arm(long epoch, long control, int sdeiEvent, int pageReadyInterrupt) {
        Refusal refusal = isEvent(sdeiEvent) && isInterrupt(pageReadyInterrupt)
                ? notifications.armingObstacle(control)
                : Refusal.INVALID;
        if (refusal == Refusal.NONE) {
            disarm();
            setEpoch(epoch);
            wasArmedInEpoch = true;
            notifications.define(sdeiEvent, pageReadyInterrupt);
            notifications.arm(control);
            reports.verdict(VerdictKind.ARMED, reports.step(StepKind.ENABLED));
        }
        return refusal;
    }

    /** Disables asynchronous faults. */
    void disarmAndAnswer() {
        reports.verdict(VerdictKind.DISARMED, disarm());
    }

    /** Whether RESET may bring this epoch: epochs only grow. */
    boolean mayReset(long epoch) {
        return Long.compareUnsigned(epoch, reports.epoch()) >= 0;
    }

    /** As disarming, and the PE comes up anew. */
    void reset(long epoch) {
        long step = disarm();
        setEpoch(epoch);
        notifications.resetPe();
        reports.verdict(VerdictKind.DISARMED, step);
    }

    /**
     * As a reset, but the PE comes up as it was elsewhere. Without a guest it waits so for the next one.
     *
     * @throws IllegalArgumentException for a state that no PE is ever in; then nothing has changed
     */
    void restore(long epoch, SdeiSnapshot snapshot) {
        if (!isEvent(snapshot.asyncPfEvent())) {
            throw new IllegalArgumentException("event that says \"page not present\": "
                    + Integer.toUnsignedString(snapshot.asyncPfEvent()) + " (expected: 1 to 2147483647)");
        }
        SdeiEvent published = Notifications.apfEvent(snapshot.asyncPfEvent());
        SdeiPe pe = snapshot.restore(published);
        disarm();
        setEpoch(epoch);
        notifications.restorePe(pe, published);
    }

    /** A guest came up on this vCPU, whose PE nobody has touched since it was reset or restored, and hears of it from now on. */
    void attach(GuestSession guest) {
        reports.guest(guest);
        reports.verdict(VerdictKind.GUEST_ATTACHED, reports.step(StepKind.GUEST_ATTACHED));
    }

    /** The guest is gone: disarmed, what it was not told is dropped. */
    void detach() {
        reports.guest(null);
        notifications.disarm();
        notifications.resetPe();
        reports.verdict(VerdictKind.GUEST_DETACHED, reports.step(StepKind.GUEST_DETACHED));
    }

    /** Disarms; the audit step of that, or 0 when it was not armed. */
    private long disarm() {
        boolean wasArmed = notifications.isArmed();
        notifications.disarm();
        return wasArmed ? reports.step(StepKind.DISABLED) : 0;
    }

    private void setEpoch(long epoch) {
        if (epoch != reports.epoch()) {
            reports.epoch(epoch);
            wasArmedInEpoch = false;
        }
    }

    /** Marks the vCPU for its next entry; false when it is marked already. */
    boolean markEntryDue() {
        boolean changed = !entryDue;
        entryDue = true;
        return changed;
    }

    /** Enters the guest; true when that is to be tried again though nothing happens to the vCPU. */
    boolean enter() {
        entryDue = false;
        return notifications.enter();
    }

    /** Who registered its VM; empty where nobody asks. */
    String registrant() {
        return registrant;
    }

    Notifications notifications() {
        return notifications;
    }

    VcpuReports reports() {
        return reports;
    }

    @Nullable
    OwnerSession owner() {
        return reports.owner();
    }

    @Nullable
    GuestSession guest() {
        return reports.guest();
    }

    boolean is(long vmId, int vcpuId) {
        return reports.vcpuId() == vcpuId && reports.vmId() == vmId;
    }
}
