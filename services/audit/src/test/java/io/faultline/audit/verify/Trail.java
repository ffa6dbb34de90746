// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.verify;

import io.faultline.model.StepKind;
import io.faultline.proto.audit.v1.AuditBlock;
import io.faultline.proto.audit.v1.AuditStep;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Writes a trail by hand: the steps of two services about any number of vCPUs, cut into blocks in the end. */
final class Trail {
    static final String FAULT_PLANE = "vcpu-service/a";
    static final String NOTIFICATION_PLANE = "notifier-service/b";
    static final long INCARNATION = 1_700_000_000_000_000L;

    private final List<Entry> faultPlane = new ArrayList<>();
    private final List<Entry> notificationPlane = new ArrayList<>();
    private long clockUs = INCARNATION;
    private long notifierIncarnation = INCARNATION;
    private long faultIncarnation = INCARNATION;

    private record Entry(long incarnation, long vmId, AuditStep step) {}

    /** Adds a step of the fault plane. */
    void fault(long vmId, AuditStep.Builder step) {
        faultPlane.add(
                new Entry(faultIncarnation, vmId, step.setTimeUnixUs(++clockUs).build()));
    }

    /** The vcpu-service was killed and started again. */
    void restartFaultPlane() {
        faultIncarnation = ++clockUs;
    }

    /** Adds a step of the notification plane. */
    void notification(long vmId, AuditStep.Builder step) {
        notificationPlane.add(new Entry(
                notifierIncarnation, vmId, step.setTimeUnixUs(++clockUs).build()));
    }

    /** The notifier was killed and started again. */
    void restartNotifier() {
        notifierIncarnation = ++clockUs;
    }

    /** Takes the last step of that kind out of the fault plane's trail. */
    void loseFault(StepKind kind) {
        for (int index = faultPlane.size() - 1; index >= 0; index--) {
            if (faultPlane.get(index).step.getKindValue() == kind.code()) {
                faultPlane.remove(index);
                return;
            }
        }
        throw new IllegalArgumentException(kind + ": not in the trail");
    }

    /** The last step of the notification plane comes twice. */
    void doubleLastNotification() {
        notificationPlane.add(notificationPlane.getLast());
    }

    int steps() {
        return faultPlane.size() + notificationPlane.size();
    }

    /** The trail as Kafka gives it: the blocks of a plane in order, those of the two planes interleaved at random. */
    List<AuditBlock> blocks(Random random) {
        ArrayDeque<AuditBlock> faults = new ArrayDeque<>(cut(FAULT_PLANE, faultPlane, random));
        ArrayDeque<AuditBlock> notifications = new ArrayDeque<>(cut(NOTIFICATION_PLANE, notificationPlane, random));
        int bias = random.nextInt(1, 10);
        List<AuditBlock> all = new ArrayList<>();
        while (!faults.isEmpty() || !notifications.isEmpty()) {
            boolean fault = notifications.isEmpty() || (!faults.isEmpty() && random.nextInt(10) < bias);
            all.add(fault ? faults.poll() : notifications.poll());
        }
        return all;
    }

    private static List<AuditBlock> cut(String source, List<Entry> entries, Random random) {
        List<AuditBlock> blocks = new ArrayList<>();
        int sizeMax = random.nextInt(1, 40);
        AuditBlock.Builder open = AuditBlock.newBuilder();
        for (Entry entry : entries) {
            if (open.getStepsCount() > 0
                    && (open.getVmId() != entry.vmId
                            || open.getIncarnation() != entry.incarnation
                            || open.getStepsCount() >= random.nextInt(1, sizeMax + 1))) {
                blocks.add(open.build());
                open.clear();
            }
            open.setSource(source)
                    .setIncarnation(entry.incarnation)
                    .setVmId(entry.vmId)
                    .addSteps(entry.step);
        }
        if (open.getStepsCount() > 0) {
            blocks.add(open.build());
        }
        return blocks;
    }
}
