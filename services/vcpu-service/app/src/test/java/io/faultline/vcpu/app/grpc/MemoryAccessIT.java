// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import static io.faultline.vcpu.app.grpc.Cluster.BASE_GFN;
import static io.faultline.vcpu.app.grpc.Cluster.PAGE;
import static io.faultline.vcpu.app.grpc.Cluster.READ_ONLY_GFN;
import static io.faultline.vcpu.app.grpc.FaultClient.read;
import static io.faultline.vcpu.app.grpc.FaultClient.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.faultline.proto.pager.v1.PageReplyKind;
import io.faultline.proto.vcpu.v1.ReadMemoryRequest;
import io.faultline.proto.vcpu.v1.WriteMemoryRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The host's own access to guest memory, beside the guest's. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MemoryAccessIT {
    private static final AtomicLong VM_IDS = new AtomicLong();
    private static final long BASE_IPA = BASE_GFN * PAGE;

    private Cluster cluster;
    private long vm;

    @BeforeAll
    void start() {
        cluster = new Cluster();
    }

    @AfterAll
    void stop() throws InterruptedException {
        cluster.close();
    }

    @BeforeEach
    void registerAVm() {
        vm = VM_IDS.incrementAndGet();
        cluster.register(vm);
    }

    @Test
    void aRangeAcrossPagesIsReadAsItWasWritten() {
        ByteString data = random(3 * PAGE + 100);

        writeMemory(BASE_IPA + 1000, data);

        assertThat(readMemory(BASE_IPA + 1000, data.size())).isEqualTo(data);
        assertThat(readMemory(BASE_IPA, 1000)).isEqualTo(ByteString.copyFrom(new byte[1000]));
        assertThat(readMemory(BASE_IPA + 1000 + data.size(), 16)).isEqualTo(ByteString.copyFrom(new byte[16]));
    }

    @Test
    void aRangeLargerThanTheFramesPassesThroughThem() {
        ByteString data = random(1 << 20);

        writeMemory(BASE_IPA, data);

        assertThat(readMemory(BASE_IPA, data.size())).isEqualTo(data);
        assertThat(cluster.pager.corruptedOnTheWay()).isZero();
    }

    @Test
    void theGuestSeesWhatTheHostWroteAndTheOtherWayRound() throws Exception {
        FaultClient client = cluster.faults();
        writeMemory(BASE_IPA + 4, ByteString.copyFromUtf8("host"));

        assertThat(client.outcomeOf(write(vm, 1, BASE_GFN, "abcd")).getLoaded().toStringUtf8())
                .isEqualTo("\0\0\0\0host");
        assertThat(readMemory(BASE_IPA, 8).toStringUtf8()).isEqualTo("abcdhost");
    }

    @Test
    void aLoaderMayFillAReadOnlyMemslot() throws Exception {
        writeMemory(READ_ONLY_GFN * PAGE, ByteString.copyFromUtf8("firmware"));

        assertThat(cluster.faults()
                        .outcomeOf(read(vm, 1, READ_ONLY_GFN))
                        .getLoaded()
                        .toStringUtf8())
                .isEqualTo("firmware");
    }

    @Test
    void aRangeMustLieInOneMemslot() {
        assertThat(refusal(BASE_IPA - 1, 2).getDescription())
                .isEqualTo("ipa: 0x41ffffff and 2 bytes (expected: a range in one memslot of VM " + vm + ")");
        assertThat(refusal(BASE_IPA + 4096L * PAGE - 1, 2).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refusal(-1, 2).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refusal(Long.MAX_VALUE, 2).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void aRangeHasBetweenOneByteAndAMebibyte() {
        assertThat(refusal(BASE_IPA, 0).getDescription()).isEqualTo("length_bytes: 0 bytes (expected: 1 to 1048576)");
        assertThat(refusal(BASE_IPA, (1 << 20) + 1).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refusal(BASE_IPA, -1).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void aPageThatIsLostIsALossOfDataUntilItIsWrittenWhole() {
        writeMemory(BASE_IPA, random(128 * PAGE));
        cluster.pager.answerFetches(PageReplyKind.PAGE_REPLY_KIND_ABSENT);

        Status loss = refusal(BASE_IPA, 64);
        cluster.pager.answerFetches(PageReplyKind.PAGE_REPLY_KIND_DATA);
        ByteString whole = random(PAGE);
        writeMemory(BASE_IPA, whole);

        assertThat(loss.getCode()).isEqualTo(Status.Code.DATA_LOSS);
        assertThat(loss.getDescription()).isEqualTo("gfn 0x42000 of VM " + vm + " is in no tier");
        assertThat(readMemory(BASE_IPA, PAGE)).isEqualTo(whole);
    }

    private ByteString readMemory(long ipa, int length) {
        return cluster.vms()
                .readMemory(ReadMemoryRequest.newBuilder()
                        .setVmId(vm)
                        .setIpa(ipa)
                        .setLengthBytes(length)
                        .build())
                .getData();
    }

    private void writeMemory(long ipa, ByteString data) {
        assertThat(cluster.vms()
                        .writeMemory(WriteMemoryRequest.newBuilder()
                                .setVmId(vm)
                                .setIpa(ipa)
                                .setData(data)
                                .build()))
                .isNotNull();
    }

    private Status refusal(long ipa, int length) {
        return catchThrowableOfType(StatusRuntimeException.class, () -> readMemory(ipa, length))
                .getStatus();
    }

    private ByteString random(int length) {
        byte[] bytes = new byte[length];
        new Random(vm).nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }
}
