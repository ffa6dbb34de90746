// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.faultline.proto.pager.v1.PageReplyKind;
import io.faultline.proto.vcpu.v1.FailReason;
import io.faultline.proto.vcpu.v1.Outcome;
import io.faultline.proto.vcpu.v1.OutcomeKind;
import io.faultline.proto.vcpu.v1.ReadMemoryRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A page that the tiers lost or spoilt, from the pager to the task that touched it: an abort of that access, once. */
class PoisonIT {
    private static final int WAKE_ALL = 0xFFFF_FFFF;
    private static final int LOST = 0;
    private static final int WHOLE = 1;

    @ParameterizedTest
    @CsvSource({
        "PAGE_REPLY_KIND_ABSENT, FAIL_REASON_PAGE_ABSENT",
        "PAGE_REPLY_KIND_CORRUPT, FAIL_REASON_PAGE_CORRUPT",
    })
    void theTaskIsWokenAndItsAccessFailsOnceAndNothingElseDoes(PageReplyKind kind, FailReason reason) {
        try (WireHost host = new WireHost()) {
            host.populate();
            WireGuest guest = new WireGuest(host);
            guest.bootUp();
            assertThat(host.enable()).isZero();
            WireHost.await(() -> guest.woken().contains(WAKE_ALL));
            long fault = guest.touch(LOST);
            WireHost.await(
                    () -> !guest.parked().isEmpty() && !guest.outcomes(fault).isEmpty());

            host.pager.answer(kind);

            Outcome end = guest.end(fault);
            assertThat(end.getKind()).isEqualTo(OutcomeKind.OUTCOME_KIND_FAILED);
            assertThat(end.getFailReason()).isEqualTo(reason);
            assertThat(end.getLoaded().isEmpty()).as("no zeros").isTrue();
            int token = guest.outcomes(fault).getFirst().getToken();
            WireHost.await(() -> guest.woken().contains(token));

            int fetches = host.pager.fetches();
            for (int i = 0; i < 10; i++) {
                Outcome again = guest.end(guest.touch(LOST));
                assertThat(again.getFailReason()).isEqualTo(reason);
            }
            assertThat(host.pager.fetches()).as("it is not asked for again").isEqualTo(fetches);
            assertThat(guest.outcomes(fault)).as("one ASYNC, one FAILED").hasSize(2);
            assertThat(guest.parked()).hasSize(1);
            assertThat(readMemory(host)).isEqualTo(Status.Code.DATA_LOSS);

            host.pager.answer(PageReplyKind.PAGE_REPLY_KIND_DATA);
            Outcome neighbour = guest.end(guest.touch(WHOLE));
            assertThat(neighbour.getLoaded()).isEqualTo(WireHost.image(WHOLE).substring(0, 8));
        }
    }

    private static Status.Code readMemory(WireHost host) {
        return catchThrowableOfType(
                        StatusRuntimeException.class,
                        () -> host.vms()
                                .readMemory(ReadMemoryRequest.newBuilder()
                                        .setVmId(WireHost.VM)
                                        .setIpa((WireHost.BASE_GFN + LOST) * WireHost.PAGE)
                                        .setLengthBytes(8)
                                        .build()))
                .getStatus()
                .getCode();
    }
}
