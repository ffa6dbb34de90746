// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.faultline.pager.app.PagerService;
import io.faultline.proto.vcpu.v1.FailReason;
import io.faultline.proto.vcpu.v1.Outcome;
import io.faultline.proto.vcpu.v1.OutcomeKind;
import io.faultline.redis.RedisServer;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * A Redis that lies about sealed pages, under a real pager, up to the guest's access: what it changed is an abort of that
 * access, what it left is what the guest wrote, and nothing is anything else.
 */
class SealedPagesIT {
    private static final long OTHER_VM = WireHost.VM + 1;
    private static final long EXTENT = WireHost.BASE_GFN / 512;
    private static final int SPOILT_PAGES = 8;

    /** The polynomial of CRC-32C, the first bit first: a page that is changed by it has the checksum it had. */
    private static final byte[] SAME_CHECKSUM = ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(0x82F6_3B78L << 1 | 1)
            .array();

    @TempDir
    private Path directory;

    private int pagerPort;

    @Test
    void noPageThatTheStoreChangedIsEverReadAndEveryOtherIs() throws Exception {
        pagerPort = Processes.freePort();
        try (RedisServer server = RedisServer.start(directory);
                RedisClient client = RedisClient.create(RedisURI.create("127.0.0.1", server.port()))) {
            RedisCommands<byte[], byte[]> redis =
                    client.connect(ByteArrayCodec.INSTANCE).sync();
            String[] settings = settings(server);
            ConfigurableApplicationContext pager = PagerService.start(settings);
            try (WireHost host = new WireHost("127.0.0.1:" + pagerPort)) {
                host.register(WireHost.VM);
                host.register(OTHER_VM);
                write(host, redis, 1);
                Map<Long, byte[]> older = values(redis, WireHost.VM);
                write(host, redis, 2);
                pager.close();
                spoil(redis, older);
                pager = PagerService.start(settings);

                WireGuest guest = new WireGuest(host);
                for (int page = 0; page < SPOILT_PAGES; page++) {
                    requireAbort(host, guest, page);
                }
                for (int page = SPOILT_PAGES; page < WireHost.PAGES; page++) {
                    assertThat(host.read(WireHost.VM, page)).isEqualTo(image(WireHost.VM, page, 2));
                }
            } finally {
                pager.close();
            }
        }
    }

    private String[] settings(RedisServer server) throws Exception {
        Path keys = Files.writeString(directory.resolve("keys"), "1 MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n");
        Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rw-------"));
        return new String[] {
            "--spring.grpc.server.port=" + pagerPort,
            "--faultline.management.port=-1",
            "--faultline.pager.store=redis://" + server.address(),
            "--faultline.pager.key-ring-file=" + keys
        };
    }

    /** Writes every page of both VMs, in order, until the first of them have left vcpu-service with what was written. */
    private static void write(WireHost host, RedisCommands<byte[], byte[]> redis, int generation) {
        for (long vm : new long[] {WireHost.VM, OTHER_VM}) {
            Map<Long, byte[]> before = values(redis, vm);
            for (int page = 0; page < WireHost.PAGES; page++) {
                host.write(vm, page, image(vm, page, generation));
            }
            WireHost.await(() -> {
                Map<Long, byte[]> now = values(redis, vm);
                return IntStream.range(0, SPOILT_PAGES)
                        .noneMatch(page -> Arrays.equals(value(now, page), value(before, page)));
            });
        }
    }

    private static ByteString image(long vm, int page, int generation) {
        byte[] bytes = new byte[WireHost.PAGE];
        Arrays.fill(bytes, (byte) (31 * vm + page + 100L * generation));
        return ByteString.copyFrom(bytes);
    }

    private static void spoil(RedisCommands<byte[], byte[]> redis, Map<Long, byte[]> older) {
        Map<Long, byte[]> mine = values(redis, WireHost.VM);
        Map<Long, byte[]> others = values(redis, OTHER_VM);
        byte[] forged = requireNonNull(value(mine, 3)).clone();
        for (int at = 0; at < SAME_CHECKSUM.length; at++) {
            forged[2_000 + at] ^= SAME_CHECKSUM[at];
        }
        byte[] cut = Arrays.copyOf(requireNonNull(value(mine, 4)), 2_000);
        byte[] unknownKey = requireNonNull(value(mine, 5)).clone();
        unknownKey[5] = 9;
        put(redis, 0, value(mine, 1));
        put(redis, 1, value(mine, 0));
        put(redis, 2, value(older, 2));
        put(redis, 3, forged);
        put(redis, 4, cut);
        put(redis, 5, unknownKey);
        put(redis, 6, value(others, 6));
        put(redis, 7, unsealedZeros());
    }

    /** What a pager without keys would have made of a page of zeros. */
    private static byte[] unsealedZeros() {
        CRC32C checksum = new CRC32C();
        checksum.update(new byte[WireHost.PAGE]);
        return ByteBuffer.allocate(10)
                .put((byte) 1)
                .put((byte) 1)
                .putInt((int) checksum.getValue())
                .putInt(WireHost.PAGE)
                .array();
    }

    private static byte @Nullable [] value(Map<Long, byte[]> values, int page) {
        return values.get(WireHost.BASE_GFN + page);
    }

    private static void put(RedisCommands<byte[], byte[]> redis, int page, byte @Nullable [] value) {
        byte[] key = extentOf(WireHost.VM);
        redis.hset(key, newestField(redis, key, WireHost.BASE_GFN + page), requireNonNull(value));
    }

    private static byte[] newestField(RedisCommands<byte[], byte[]> redis, byte[] key, long gfn) {
        return redis.hkeys(key).stream()
                .filter(field -> gfn(field) == gfn)
                .max((a, b) -> Long.compareUnsigned(version(a), version(b)))
                .orElseThrow();
    }

    /** The newest value of each frame of a VM. */
    private static Map<Long, byte[]> values(RedisCommands<byte[], byte[]> redis, long vm) {
        Map<Long, byte[]> values = new TreeMap<>();
        byte[] key = extentOf(vm);
        redis.hgetall(key).entrySet().stream()
                .sorted((a, b) -> Long.compareUnsigned(version(a.getKey()), version(b.getKey())))
                .forEach(entry -> values.put(gfn(entry.getKey()), entry.getValue()));
        return values;
    }

    private static byte[] extentOf(long vm) {
        return ("faultline:" + vm + ":" + Long.toHexString(EXTENT)).getBytes(StandardCharsets.US_ASCII);
    }

    private static long gfn(byte[] field) {
        return Long.parseUnsignedLong(new String(field, StandardCharsets.US_ASCII).split(":", 2)[0], 16);
    }

    private static long version(byte[] field) {
        return Long.parseUnsignedLong(new String(field, StandardCharsets.US_ASCII).split(":", 2)[1], 16);
    }

    private static void requireAbort(WireHost host, WireGuest guest, int page) {
        Outcome outcome = guest.end(guest.touch(page));

        assertThat(outcome.getKind()).as("page %d", page).isEqualTo(OutcomeKind.OUTCOME_KIND_FAILED);
        assertThat(outcome.getFailReason()).isEqualTo(FailReason.FAIL_REASON_PAGE_CORRUPT);
        assertThat(outcome.getLoaded().isEmpty()).as("no bytes").isTrue();
        assertThat(catchThrowableOfType(StatusRuntimeException.class, () -> host.read(WireHost.VM, page))
                        .getStatus()
                        .getCode())
                .isEqualTo(Status.Code.DATA_LOSS);
    }
}
