// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import io.faultline.benchmarks.Measured;
import io.faultline.model.AsyncPf;
import io.faultline.model.StepKind;
import io.faultline.model.Token;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** What a fault's notifications cost the notification plane, without I/O, on 256 vCPUs by turns. */
public class NotificationBenchmark extends Measured {
    private static final int VCPUS = 256;
    private static final long VM_ID = 7;
    private static final long EPOCH = 2;
    private static final long CONTROL = 0x8000_0041L;
    private static final long HANDLER_ENTRY = 0x1000;
    private static final long RESUME_ENTRY = 0x2000;
    private static final long CALL_ID = 1;

    private final Port port = new Port();
    private final NotificationMachine machine =
            new NotificationMachine(step -> port.trace += step.sequence(), AreaAccess.ADDRESSABLE, VCPUS);
    private final OwnerSession owner = machine.connect((OwnerPort) port);
    private final GuestSession guest = machine.connect((GuestPort) port);
    private final GuestCall call = new GuestCall();
    private int faults;

    /** Brings up the guest and enables asynchronous faults. */
    @Setup
    public void enable() {
        for (int vcpuId = 0; vcpuId < VCPUS; vcpuId++) {
            owner.create(VM_ID, vcpuId, 1, AsyncPf.DEFAULT_SDEI_EVENT, AsyncPf.DEFAULT_INTERRUPT);
            guest.attach(VM_ID, vcpuId, 0);
            sdei(vcpuId, SdeiCalls.EVENT_REGISTER, AsyncPf.DEFAULT_SDEI_EVENT, HANDLER_ENTRY);
            sdei(vcpuId, SdeiCalls.EVENT_ENABLE, AsyncPf.DEFAULT_SDEI_EVENT, 0);
            sdei(vcpuId, SdeiCalls.PE_UNMASK, 0, 0);
            owner.arm(VM_ID, vcpuId, EPOCH, CONTROL, AsyncPf.DEFAULT_SDEI_EVENT, AsyncPf.DEFAULT_INTERRUPT);
        }
    }

    /** Published, delivered, handled, completed, ready, acknowledged. */
    @Benchmark
    public long wholeLife() {
        int vcpuId = faults & (VCPUS - 1);
        int token = nextToken();
        owner.publish(VM_ID, vcpuId, EPOCH, token, 1);
        machine.enter();
        guest.clearArea(vcpuId, CALL_ID, AreaWords.BOTH);
        sdei(vcpuId, SdeiCalls.EVENT_COMPLETE_AND_RESUME, RESUME_ENTRY, 0);
        machine.enter();
        owner.complete(VM_ID, vcpuId, EPOCH, token, 2);
        machine.enter();
        guest.clearArea(vcpuId, CALL_ID, AreaWords.BOTH);
        guest.acknowledge(vcpuId, CALL_ID);
        machine.enter();
        return port.trace;
    }

    /** Published, and completed before the guest was told: cancelled. */
    @Benchmark
    public long cancel() {
        int vcpuId = faults & (VCPUS - 1);
        int token = nextToken();
        owner.publish(VM_ID, vcpuId, EPOCH, token, 1);
        owner.complete(VM_ID, vcpuId, EPOCH, token, 2);
        machine.enter();
        return port.trace;
    }

    /** Every fault ended in the way that is measured. */
    @TearDown
    public void check() {
        long ended =
                machine.counters().steps(StepKind.READY) + machine.counters().steps(StepKind.CANCELLED);
        if (ended != faults) {
            throw new IllegalStateException("ended: " + ended + " (expected: " + faults + ")");
        }
    }

    /** Sequence numbers from 1 up to the last but one, so that no token is reserved. */
    private int nextToken() {
        int vcpuId = faults & (VCPUS - 1);
        int sequence = 1 + (faults / VCPUS) % (Token.SEQUENCE_MAX - 1);
        faults++;
        return Token.of(sequence, vcpuId);
    }

    private void sdei(int vcpuId, int function, long x1, long x2) {
        call.begin(vcpuId, CALL_ID, function);
        call.argument(1, x1);
        call.argument(2, x2);
        guest.sdeiCall(call);
    }

    /** Both connections: each message leaves a trace, so that making it cannot be optimised away. */
    private static final class Port implements OwnerPort, GuestPort {
        long trace;

        @Override
        public void verdict(Verdict verdict) {
            trace += verdict.token();
        }

        @Override
        public void event(HostEvent event) {
            trace += event.token();
        }

        @Override
        public boolean isWritable() {
            return true;
        }
    }
}
