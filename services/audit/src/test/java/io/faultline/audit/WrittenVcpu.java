// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import io.faultline.model.AuditChain;
import io.faultline.model.AuditStep;
import io.faultline.model.Resolution;
import io.faultline.model.StepKind;
import io.faultline.model.Token;

/** A vCPU as two services write of it: its faults are raised, published, told, installed, ready, acknowledged and resolved. */
final class WrittenVcpu {
    private static final long EPOCH = 1_000;

    private final AuditLog vcpuLog;
    private final AuditLog notifierLog;
    private final AuditChain faults;
    private final AuditChain notifications;

    WrittenVcpu(long vm, AuditLog vcpuLog, AuditLog notifierLog) {
        this.vcpuLog = vcpuLog;
        this.notifierLog = notifierLog;
        faults = new AuditChain(vm, 0, new AuditStep());
        notifications = new AuditChain(vm, 0, new AuditStep());
        for (StepKind kind : new StepKind[] {StepKind.OPENED, StepKind.ENABLED}) {
            vcpuLog.append(faults.next(kind, EPOCH));
            notifierLog.append(notifications.next(kind, EPOCH));
        }
    }

    void fault(int number) {
        int token = Token.of(number, 0);
        long raised = fault(StepKind.RAISED, Token.NONE, 0, 0);
        tell(StepKind.DELIVERED, token, fault(StepKind.PUBLISHED, token, 0, raised));
        long ready = tell(StepKind.READY, token, fault(StepKind.INSTALLED, token, 0, raised));
        tell(StepKind.ACKNOWLEDGED, token, ready);
        fault(StepKind.RESOLVED, token, Resolution.READY.code(), raised);
    }

    void close() {
        vcpuLog.append(faults.next(StepKind.CLOSED, EPOCH));
        notifierLog.append(notifications.next(StepKind.CLOSED, EPOCH));
    }

    private long fault(StepKind kind, int token, int detail, long cause) {
        vcpuLog.append(
                faults.next(kind, EPOCH).token(token).gfn(0x42).detail(detail).cause(cause));
        return faults.lastSequence();
    }

    private long tell(StepKind kind, int token, long cause) {
        notifierLog.append(notifications.next(kind, EPOCH).token(token).cause(cause));
        return notifications.lastSequence();
    }
}
