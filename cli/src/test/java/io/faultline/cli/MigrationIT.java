// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.pager.v1.PageReplyKind;
import io.faultline.proto.vcpu.v1.ExportVcpuStateRequest;
import io.faultline.proto.vcpu.v1.FailReason;
import io.faultline.proto.vcpu.v1.ImportVcpuStateRequest;
import io.faultline.proto.vcpu.v1.Outcome;
import io.faultline.proto.vcpu.v1.OutcomeKind;
import io.faultline.proto.vcpu.v1.UnregisterVmRequest;
import io.faultline.proto.vcpu.v1.VcpuState;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A guest with a task asleep goes from one host to another: two vcpu-services, two notifiers, gRPC over loopback. */
class MigrationIT {
    private static final int WAKE_ALL = 0xFFFF_FFFF;
    private static final int PAGE = 0;

    @Test
    @Tag("G17")
    void aTaskAsleepIsWokenAtTheTargetAndFinishesItsAccessThere() {
        try (WireHost source = new WireHost();
                WireHost target = new WireHost()) {
            source.populate();
            WireGuest before = new WireGuest(source);
            before.bootUp();
            assertThat(source.enable()).isZero();
            long asleep = fallAsleep(before);

            VcpuState state = export(source);
            assertThat(source.vms()
                            .unregisterVm(UnregisterVmRequest.newBuilder()
                                    .setVmId(WireHost.VM)
                                    .build()))
                    .isNotNull();
            assertThat(before.end(asleep).getFailReason()).isEqualTo(FailReason.FAIL_REASON_VM_GONE);

            target.populate();
            restore(target, state);
            WireGuest after = new WireGuest(target);
            WireHost.await(() -> after.woken().contains(WAKE_ALL));
            assertThat(after.status())
                    .as("registered and enabled, without a call here")
                    .isEqualTo(3);
            assertThat(export(target)).isEqualTo(state);

            long refault = after.touch(PAGE);
            WireHost.await(() -> after.parked().size() == 1);
            target.pager.answer(PageReplyKind.PAGE_REPLY_KIND_DATA);
            Outcome end = after.end(refault);
            assertThat(after.outcomes(refault).getFirst().getToken())
                    .isEqualTo(after.parked().getFirst());
            assertThat(end.getKind()).isEqualTo(OutcomeKind.OUTCOME_KIND_RESOLVED);
            assertThat(end.getLoaded()).isEqualTo(WireHost.image(PAGE).substring(0, 8));
            WireHost.await(() -> after.woken().contains(end.getToken()));
        }
    }

    /** A task touches a page that is swapped out, and is put aside: its fault. */
    private static long fallAsleep(WireGuest guest) {
        WireHost.await(() -> guest.woken().contains(WAKE_ALL));
        long fault = guest.touch(PAGE);
        WireHost.await(() -> !guest.parked().isEmpty() && !guest.outcomes(fault).isEmpty());
        assertThat(guest.outcomes(fault).getFirst().getKind()).isEqualTo(OutcomeKind.OUTCOME_KIND_ASYNC);
        return fault;
    }

    private static VcpuState export(WireHost host) {
        return host.vms()
                .exportVcpuState(ExportVcpuStateRequest.newBuilder()
                        .setVmId(WireHost.VM)
                        .setVcpuId(WireHost.VCPU)
                        .build())
                .getState();
    }

    private static void restore(WireHost host, VcpuState state) {
        assertThat(host.vms()
                        .importVcpuState(ImportVcpuStateRequest.newBuilder()
                                .setVmId(WireHost.VM)
                                .setVcpuId(WireHost.VCPU)
                                .setState(state)
                                .build()))
                .isNotNull();
    }
}
