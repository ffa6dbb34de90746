// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** A process to be killed: it writes of faults while its broker is away, says how many steps are on disk, and goes on writing. */
final class SpoolVictim {
    private static final int FAULTS = 5_000;

    private SpoolVictim() {}

    /** Arguments: a broker's address, a topic, a spool's directory. */
    public static void main(String[] arguments) {
        KafkaAuditLog vcpuLog = AuditSpoolIT.open("vcpu-service", arguments[0], arguments[1], arguments[2]);
        KafkaAuditLog notifierLog = AuditSpoolIT.open("notifier-service", arguments[0], arguments[1], arguments[2]);
        WrittenVcpu vcpu = new WrittenVcpu(1, vcpuLog, notifierLog);
        for (int fault = 1; ; fault++) {
            // A ring that is full is another test's matter.
            while (Math.max(vcpuLog.ringDepth(), notifierLog.ringDepth()) > AuditSpoolIT.RING_STEPS / 2) {
                Thread.onSpinWait();
            }
            vcpu.fault(fault);
            if (fault == FAULTS) {
                while (vcpuLog.ringDepth() + notifierLog.ringDepth() > 0) {
                    Thread.onSpinWait();
                }
                // Out of the ring is not on disk yet: the last block is being written.
                while (vcpuLog.spool().waitingSteps() < vcpuLog.steps()
                        || notifierLog.spool().waitingSteps() < notifierLog.steps()) {
                    Thread.onSpinWait();
                }
                say(vcpuLog.steps() + notifierLog.steps());
            } else if (fault > FAULTS) {
                LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
            }
        }
    }

    private static void say(long steps) {
        System.out.println(steps);
        System.out.flush();
    }
}
