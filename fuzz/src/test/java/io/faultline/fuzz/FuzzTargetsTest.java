// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.faultline.proto.pager.v1.StatsRequest;
import io.faultline.proto.pager.v1.StatsResponse;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every target is given at each build: its seeds, what fuzzing found once, and some noise. */
class FuzzTargetsTest {
    private static final int NOISE = 2_000;
    private static final int CHANGES_MAX = 8;

    static Set<String> names() {
        return FuzzTargets.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void seedsAndWhatWasFoundOnceAreNoFindings(String name) throws Exception {
        FuzzTarget target = FuzzTargets.make(name);
        for (byte[] seed : target.seeds()) {
            target.read(seed);
        }
        for (byte[] kept : kept(name)) {
            target.read(kept);
        }
        target.read(new byte[0]);
    }

    private static List<byte[]> kept(String name) throws IOException {
        Path directory = Path.of("src/test/resources/regressions", name);
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().map(FuzzTargetsTest::bytes).toList();
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void seedsWithSomeBytesChangedAreNoFindings(String name) throws Exception {
        Random random = new Random(name.hashCode());
        FuzzTarget target = FuzzTargets.make(name);
        List<byte[]> seeds = target.seeds();
        for (int i = 0; i < NOISE; i++) {
            byte[] changed = seeds.get(random.nextInt(seeds.size())).clone();
            for (int change = random.nextInt(CHANGES_MAX); change >= 0; change--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt();
            }
            target.read(changed);
        }
    }

    @Test
    void aHandlerThatThrowsIsAFinding() {
        ServiceCalls calls = new ServiceCalls(Context.ROOT, new PageServiceGrpc.PageServiceImplBase() {
            @Override
            public void stats(StatsRequest request, StreamObserver<StatsResponse> answer) {
                throw new IllegalStateException("a bug");
            }
        });
        byte[] input = ServiceCalls.entry(calls.indexOf(PageServiceGrpc.getStatsMethod()), new byte[0]);

        assertThatThrownBy(() -> calls.run(input)).hasMessage("a bug");
    }

    @Test
    void aCallThatEndsWithUnknownIsAFinding() {
        ServiceCalls calls = new ServiceCalls(Context.ROOT, new PageServiceGrpc.PageServiceImplBase() {
            @Override
            public void stats(StatsRequest request, StreamObserver<StatsResponse> answer) {
                answer.onError(new IllegalStateException("a bug"));
            }
        });
        byte[] input = ServiceCalls.entry(calls.indexOf(PageServiceGrpc.getStatsMethod()), new byte[0]);

        assertThatThrownBy(() -> calls.run(input)).hasMessageContaining("UNKNOWN");
    }

    @Test
    void aTargetThatThereIsNotIsNamed() {
        assertThat(FuzzTargets.names()).hasSizeGreaterThan(6);
        assertThatThrownBy(() -> FuzzTargets.make("nothing"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("target: nothing (expected: one of [vcpu-calls,");
    }
}
