// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import static io.faultline.notifier.domain.Rig.CONTROL;
import static io.faultline.notifier.domain.Rig.EVENT;
import static io.faultline.notifier.domain.Rig.PPI;
import static io.faultline.notifier.domain.Rig.VCPU;
import static io.faultline.notifier.domain.Rig.VM;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.faultline.model.StepKind;
import io.faultline.model.Token;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** The fast path allocates nothing: publish, deliver, complete, ready, acknowledge. */
class AllocationTest {
    private static final int ROUNDS = 20_000;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final NotificationMachine machine = new NotificationMachine(step -> {}, AreaAccess.ADDRESSABLE, 1);
    private final OwnerSession owner = machine.connect((OwnerPort) verdict -> {});
    private final GuestSession guest = machine.connect(new DeafGuest());
    private final GuestCall call = new GuestCall();

    @Test
    void asynchronousFaultsCostNoObject() {
        owner.create(VM, VCPU, 1, EVENT, PPI);
        guest.attach(VM, VCPU, 0);
        sdei(SdeiCalls.EVENT_REGISTER, EVENT, 0x1000);
        sdei(SdeiCalls.EVENT_ENABLE, EVENT, 0);
        sdei(SdeiCalls.PE_UNMASK, 0, 0);
        owner.arm(VM, VCPU, 2, CONTROL, EVENT, PPI);
        run(ROUNDS);

        long before = threads.getCurrentThreadAllocatedBytes();
        run(ROUNDS);
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(machine.counters().steps(StepKind.READY)).isEqualTo(2L * ROUNDS);
        assertThat(bytes).as("bytes in %d faults", ROUNDS).isLessThan(ROUNDS);
    }

    private void run(int rounds) {
        for (int round = 1; round <= rounds; round++) {
            int token = Token.of(round, VCPU);
            owner.publish(VM, VCPU, 2, token, 1);
            machine.enter();
            guest.clearArea(VCPU, 1, AreaWords.BOTH);
            sdei(SdeiCalls.EVENT_COMPLETE_AND_RESUME, 0x2000, 0);
            machine.enter();
            owner.complete(VM, VCPU, 2, token, 2);
            machine.enter();
            guest.clearArea(VCPU, 1, AreaWords.BOTH);
            guest.acknowledge(VCPU, 1);
            machine.enter();
        }
    }

    private void sdei(int function, long x1, long x2) {
        call.begin(VCPU, 1, function);
        call.argument(1, x1);
        call.argument(2, x2);
        guest.sdeiCall(call);
    }

    /** A guest that takes everything and looks at nothing. */
    private static final class DeafGuest implements GuestPort {
        @Override
        public void event(HostEvent event) {}

        @Override
        public boolean isWritable() {
            return true;
        }
    }
}
