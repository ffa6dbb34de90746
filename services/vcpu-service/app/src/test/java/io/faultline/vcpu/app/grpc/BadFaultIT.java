// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import static io.faultline.vcpu.app.grpc.Cluster.BASE_GFN;
import static io.faultline.vcpu.app.grpc.Cluster.PAGE;
import static io.faultline.vcpu.app.grpc.Cluster.READ_ONLY_GFN;
import static io.faultline.vcpu.app.grpc.FaultClient.read;
import static io.faultline.vcpu.app.grpc.FaultClient.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.ByteString;
import io.faultline.proto.vcpu.v1.Access;
import io.faultline.proto.vcpu.v1.FailReason;
import io.faultline.proto.vcpu.v1.Fault;
import io.faultline.proto.vcpu.v1.FaultBatch;
import io.faultline.proto.vcpu.v1.Outcome;
import io.faultline.proto.vcpu.v1.OutcomeKind;
import io.faultline.proto.vcpu.v1.Privilege;
import io.grpc.Status;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults that cannot be: each gets a clear answer, and a bystander's stream goes on as before. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadFaultIT {
    private static final long VM = 1;

    private Cluster cluster;
    private FaultClient bystander;

    @BeforeAll
    void start() {
        cluster = new Cluster();
        cluster.register(VM);
        bystander = cluster.faults();
    }

    @AfterAll
    void stop() throws InterruptedException {
        cluster.close();
    }

    @BeforeEach
    @AfterEach
    void theBystanderIsServed() throws InterruptedException {
        assertThat(bystander.outcomeOf(read(VM, 1, BASE_GFN)).getKind()).isEqualTo(OutcomeKind.OUTCOME_KIND_MAPPED);
    }

    static Stream<Arguments> badFaults() {
        Fault.Builder good = read(VM, 5, BASE_GFN);
        return Stream.of(
                arguments(
                        good.clone().setVmId(99),
                        FailReason.FAIL_REASON_NO_SUCH_VM,
                        "vm_id: 99 (expected: a VM registered here)"),
                arguments(
                        good.clone().setVmId(-1),
                        FailReason.FAIL_REASON_NO_SUCH_VM,
                        "vm_id: 18446744073709551615 (expected: a VM registered here)"),
                arguments(
                        good.clone().setVcpuId(2),
                        FailReason.FAIL_REASON_NO_SUCH_VCPU,
                        "vcpu_id: 2 (expected: one of the 2 vCPUs of VM 1)"),
                arguments(
                        good.clone().setVcpuId(4096),
                        FailReason.FAIL_REASON_NO_SUCH_VCPU,
                        "vcpu_id: 4096 (expected: one of the 2 vCPUs of VM 1)"),
                arguments(
                        good.clone().setVcpuId(-1),
                        FailReason.FAIL_REASON_NO_SUCH_VCPU,
                        "vcpu_id: 4294967295 (expected: one of the 2 vCPUs of VM 1)"),
                arguments(
                        good.clone().setIpa(0x1000),
                        FailReason.FAIL_REASON_NO_MEMSLOT,
                        "ipa: 0x1000 (expected: an address in a memslot of VM 1)"),
                arguments(
                        good.clone().setIpa(-PAGE),
                        FailReason.FAIL_REASON_NO_MEMSLOT,
                        "ipa: 0xfffffffffffff000 (expected: an address in a memslot of VM 1)"),
                arguments(
                        write(VM, 5, READ_ONLY_GFN, "x"),
                        FailReason.FAIL_REASON_READ_ONLY,
                        "ipa: 0x80000000 is in a read-only memslot of VM 1 (expected: no write)"),
                arguments(
                        good.clone().setAccess(Access.ACCESS_UNSPECIFIED),
                        FailReason.FAIL_REASON_INVALID,
                        "access: 0 (expected: READ, WRITE or EXECUTE)"),
                arguments(
                        good.clone().setAccessValue(77),
                        FailReason.FAIL_REASON_INVALID,
                        "access: 77 (expected: READ, WRITE or EXECUTE)"),
                arguments(
                        good.clone().setPrivilege(Privilege.PRIVILEGE_UNSPECIFIED),
                        FailReason.FAIL_REASON_INVALID,
                        "privilege: 0 (expected: USER or KERNEL)"),
                arguments(
                        good.clone().setLoadBytes(65),
                        FailReason.FAIL_REASON_INVALID,
                        "load_bytes: 65 (expected: 0 to 64)"),
                arguments(
                        good.clone().setLoadBytes(-1),
                        FailReason.FAIL_REASON_INVALID,
                        "load_bytes: 4294967295 (expected: 0 to 64)"),
                arguments(
                        write(VM, 5, BASE_GFN, "x".repeat(65)),
                        FailReason.FAIL_REASON_INVALID,
                        "store: 65 bytes (expected: 0 to 64)"),
                arguments(
                        good.clone().setStore(ByteString.copyFromUtf8("x")),
                        FailReason.FAIL_REASON_INVALID,
                        "store: 1 bytes with ACCESS_READ (expected: none, or ACCESS_WRITE)"),
                arguments(
                        good.clone().setIpa(BASE_GFN * PAGE + PAGE - 7),
                        FailReason.FAIL_REASON_INVALID,
                        "ipa: 0x42000ff9 with an access of 8 bytes"
                                + " (expected: an access inside one page of 4096 bytes)"));
    }

    @ParameterizedTest
    @MethodSource("badFaults")
    void aBadFaultFailsWithItsReasonAndItsStreamGoesOn(Fault.Builder fault, FailReason reason, String detail)
            throws Exception {
        FaultClient client = cluster.faults();

        Outcome outcome = client.outcomeOf(fault);

        assertThat(outcome.getSequence()).isEqualTo(5);
        assertThat(outcome.getKind()).isEqualTo(OutcomeKind.OUTCOME_KIND_FAILED);
        assertThat(outcome.getFailReason()).isEqualTo(reason);
        assertThat(outcome.getDetail()).isEqualTo(detail);
        assertThat(client.outcomeOf(read(VM, 6, BASE_GFN)).getKind()).isEqualTo(OutcomeKind.OUTCOME_KIND_MAPPED);
    }

    @Test
    void anAccessMayEndWithItsPage() throws Exception {
        Outcome outcome = cluster.faults().outcomeOf(read(VM, 1, BASE_GFN).setIpa(BASE_GFN * PAGE + PAGE - 8));

        assertThat(outcome.getLoaded().size()).isEqualTo(8);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1025})
    void aBatchOfAWrongLengthEndsItsOwnStream(int faults) throws Exception {
        FaultClient client = cluster.faults();
        FaultBatch.Builder batch = FaultBatch.newBuilder();
        for (int i = 0; i < faults; i++) {
            batch.addFaults(read(VM, i, BASE_GFN));
        }

        client.raise(batch.build());

        assertThat(client.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(client.end().getDescription()).isEqualTo("batch: " + faults + " faults (expected: 1 to 1024)");
    }

    @Test
    void aBatchOfFullLengthIsServed() throws Exception {
        FaultClient client = cluster.faults();
        FaultBatch.Builder batch = FaultBatch.newBuilder();
        for (int i = 0; i < 1024; i++) {
            batch.addFaults(read(VM, i, BASE_GFN + i % 32));
        }

        client.raise(batch.build());

        for (int i = 0; i < 1024; i++) {
            assertThat(client.next().getSequence()).isEqualTo(i);
        }
    }
}
