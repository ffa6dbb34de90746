// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.faultline.proto.audit.v1.AuditBlock;
import io.faultline.proto.audit.v1.AuditStep;
import io.faultline.proto.vcpu.v1.Memslot;
import io.faultline.proto.vcpu.v1.OutcomeKind;
import io.faultline.proto.vcpu.v1.ReadMemoryRequest;
import io.faultline.proto.vcpu.v1.RegisterVmRequest;
import io.faultline.proto.vcpu.v1.VmServiceGrpc;
import io.faultline.proto.vcpu.v1.VmSpec;
import io.faultline.proto.vcpu.v1.WriteMemoryRequest;
import io.faultline.redis.RedisServer;
import io.grpc.StatusRuntimeException;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a guest wrote and what its pages are sealed with, looked for in everything that services say: logs with all that our own
 * code can say, metrics, the errors that clients hear, and what stands in the swap store.
 */
class SecretsIT {
    private static final long VM = 7;
    private static final int PAGES = 256;
    private static final int FRAMES = 64;
    private static final String SECRET = "what-only-the-guest-may-know";
    private static final byte[] KEY = "0123456789abcdef-a-sealing-key-!".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path directory;

    private final List<String> said = new ArrayList<>();

    @Test
    void neitherPagesNorKeysAreInLogsMetricsErrorsOrTheStore() throws Exception {
        Path ring = Files.writeString(
                directory.resolve("keys"), "1 " + Base64.getEncoder().encodeToString(KEY) + "\n");
        Files.setPosixFilePermissions(ring, PosixFilePermissions.fromString("rw-------"));
        try (RedisServer redis = RedisServer.start(directory);
                RedisClient client = RedisClient.create(RedisURI.create("127.0.0.1", redis.port()));
                CappedService pager = new CappedService(
                        directory,
                        "pager-service",
                        "--logging.level.io.faultline=TRACE",
                        "--faultline.pager.store=redis://" + redis.address(),
                        "--faultline.pager.key-ring-file=" + ring,
                        "--faultline.pager.dram-max-bytes=1048576",
                        "--faultline.pager.compressed-max-bytes=0");
                CappedService notifier = new CappedService(
                        directory,
                        "notifier-service",
                        "--logging.level.io.faultline=TRACE",
                        "--faultline.audit.enabled=false");
                CappedService vcpu = new CappedService(
                        directory,
                        "vcpu-service",
                        "--logging.level.io.faultline=TRACE",
                        "--faultline.audit.enabled=false",
                        "--faultline.vcpu.peer-wait-ms=200",
                        "--faultline.vcpu.frames-max-bytes=16777216",
                        "--faultline.vcpu.notifier-target=" + notifier.address(),
                        "--faultline.vcpu.pager-target=" + pager.address())) {
            vcpu.awaitValue("faultline_vcpu_peer_connected{peer=\"pager\"}", 1);
            VmServiceGrpc.VmServiceBlockingStub vms = VmServiceGrpc.newBlockingStub(vcpu.connect());
            register(vms);
            write(vms);
            RedisCommands<byte[], byte[]> store =
                    client.connect(ByteArrayCodec.INSTANCE).sync();
            WireHost.await(() -> values(store).count() >= PAGES - FRAMES);
            values(store).forEach(value -> said.add(new String(value, StandardCharsets.ISO_8859_1)));
            assertThat(said).hasSizeGreaterThanOrEqualTo(PAGES - FRAMES);

            spoil(store);
            hearErrors(vms, vcpu);
            said.add(pager.scrape().text());
            said.add(notifier.scrape().text());
            said.add(vcpu.scrape().text());
            said.add(pager.log());
            said.add(notifier.log());
            said.add(vcpu.log());

            assertThat(pager.log()).contains("CORRUPT");
        }
        assertThat(said).allSatisfy(text -> assertThat(text).doesNotContain(secrets()));
    }

    /** Each secret in every form in which somebody might write it down. */
    private static String[] secrets() {
        byte[] page = SECRET.getBytes(StandardCharsets.US_ASCII);
        return Stream.of(page, KEY)
                .flatMap(secret -> Stream.of(
                        new String(secret, StandardCharsets.US_ASCII),
                        Base64.getEncoder().withoutPadding().encodeToString(secret),
                        HexFormat.of().formatHex(secret),
                        HexFormat.of().withUpperCase().formatHex(secret),
                        Arrays.toString(secret)))
                .toArray(String[]::new);
    }

    private static void register(VmServiceGrpc.VmServiceBlockingStub vms) {
        assertThat(vms.registerVm(RegisterVmRequest.newBuilder()
                        .setSpec(VmSpec.newBuilder()
                                .setVmId(VM)
                                .addMemslots(Memslot.newBuilder().setPages(PAGES))
                                .addVcpuIds(0)
                                .setResidentPagesMax(FRAMES)
                                .setPageSizeBytes(PageTalk.PAGE)
                                .setFetchDeadlineMs(1_000))
                        .build()))
                .isNotNull();
    }

    private static void write(VmServiceGrpc.VmServiceBlockingStub vms) {
        for (int page = 0; page < PAGES; page++) {
            assertThat(vms.writeMemory(WriteMemoryRequest.newBuilder()
                            .setVmId(VM)
                            .setIpa((long) page * PageTalk.PAGE)
                            .setData(ByteString.copyFromUtf8(SECRET + page))
                            .build()))
                    .isNotNull();
        }
    }

    private static Stream<byte[]> values(RedisCommands<byte[], byte[]> store) {
        return store.keys("*").stream()
                .filter(key -> store.type(key).equals("hash"))
                .flatMap(key -> store.hvals(key).stream());
    }

    private static void spoil(RedisCommands<byte[], byte[]> store) {
        for (byte[] key : store.keys("*")) {
            if (store.type(key).equals("hash")) {
                store.hkeys(key).forEach(field -> store.hset(key, field, new byte[] {1, 2, 3}));
            }
        }
    }

    /** What the host and a guest hear of pages that are lost; those that DRAM still has are as they were. */
    private void hearErrors(VmServiceGrpc.VmServiceBlockingStub vms, CappedService vcpu) {
        FaultTalk guest = new FaultTalk(vcpu.connect(), VM);
        for (int page = 0; page < PAGES; page++) {
            guest.read(page);
        }
        WireHost.await(() ->
                guest.ended(OutcomeKind.OUTCOME_KIND_MAPPED) + guest.ended(OutcomeKind.OUTCOME_KIND_FAILED) == PAGES);
        assertThat(guest.ended(OutcomeKind.OUTCOME_KIND_FAILED)).isPositive();
        said.add(guest.lastDetail());
        int lost = 0;
        for (int page = 0; page < PAGES; page++) {
            long ipa = (long) page * PageTalk.PAGE;
            StatusRuntimeException error = Assertions.catchThrowableOfType(
                    StatusRuntimeException.class,
                    () -> vms.readMemory(ReadMemoryRequest.newBuilder()
                            .setVmId(VM)
                            .setIpa(ipa)
                            .setLengthBytes(64)
                            .build()));
            if (error != null) {
                lost++;
                said.add(String.valueOf(error.getMessage()));
            }
        }
        assertThat(lost).isPositive();
    }

    /** Steps name what happened to which fault; nothing in them could hold a page or a key. */
    @Test
    void theAuditHasNoPlaceForBytes() {
        assertThat(Stream.of(AuditBlock.getDescriptor(), AuditStep.getDescriptor())
                        .flatMap(message -> message.getFields().stream())
                        .filter(field -> field.getJavaType() == FieldDescriptor.JavaType.BYTE_STRING
                                || field.getJavaType() == FieldDescriptor.JavaType.STRING)
                        .map(FieldDescriptor::getFullName))
                .containsExactly("faultline.audit.v1.AuditBlock.source");
    }
}
