// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoundsTest {
    private final List<String> ran = new ArrayList<>();

    @Test
    void peersTakeTurnsAndAnotherBeginsEachRound() throws Exception {
        rounds(0, 3, "a", "b").run();

        assertThat(ran)
                .containsExactly(
                        "a1 10", "b1 10", "a2 10", "b2 10", "b1 10", "a1 10", "b2 10", "a2 10", "a1 10", "b1 10",
                        "a2 10", "b2 10");
    }

    @Test
    void everyPeerIsWarmBeforeAnyIsMeasured() throws Exception {
        rounds(2, 1, "a", "b").run();

        assertThat(ran)
                .containsExactly(
                        "a1 500", "a2 500", "a2 1000", "b1 500", "b2 500", "b2 1000", "a1 10", "b1 10", "a2 10",
                        "b2 10");
    }

    @Test
    void aSampleAPeerShapeAndRoundIsKept() throws Exception {
        Comparison<Integer> comparison = rounds(0, 3, "a", "b").run();

        assertThat(comparison.samples(2, "b")).hasSize(3);
        assertThat(comparison.samples(1, "a")).hasSize(3);
    }

    @Test
    void aPeerThatFailsEndsTheRun() {
        Peer<Integer> failing = new Peer<>() {
            @Override
            public String name() {
                return "failing";
            }

            @Override
            public Sample run(Integer shape, long durationNs) {
                throw new IllegalStateException("wrong bytes");
            }
        };
        Rounds<Integer> rounds = new Rounds<>(
                new Rounds.Settings(Duration.ZERO, 1, Duration.ofMillis(10)), List.of(1), List.of(failing), _ -> {});

        assertThatThrownBy(rounds::run).hasMessage("wrong bytes");
    }

    private Rounds<Integer> rounds(int warmUpS, int rounds, String... names) {
        List<Peer<Integer>> peers = new ArrayList<>();
        for (String name : names) {
            peers.add(new Peer<>() {
                @Override
                public String name() {
                    return name;
                }

                @Override
                public Sample run(Integer shape, long durationNs) {
                    ran.add(name + shape + " " + Duration.ofNanos(durationNs).toMillis());
                    return new Sample(1, 1, 1, Map.of());
                }
            });
        }
        return new Rounds<>(
                new Rounds.Settings(Duration.ofSeconds(warmUpS), rounds, Duration.ofMillis(10)),
                List.of(1, 2),
                peers,
                _ -> {});
    }
}
