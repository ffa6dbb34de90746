// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.strike;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.soak.network.Relay;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

class ClusterStrikesTest {
    /** What Redis itself would lose is not asked for: see the strikes' own comment. */
    @RepeatedTest(20)
    void aMasterDiesInStepWithItsReplicaAndComesBackAfterItsReplicaTookOver(RepetitionInfo repetition) {
        RecordingCluster cluster = new RecordingCluster();
        ClusterStrikes strikes = new ClusterStrikes(cluster, repetition.getCurrentRepetition());

        Strike killed = strikes.next();
        while (killed.kind() != StrikeKind.MASTER_KILLED) {
            killed = strikes.next();
        }
        cluster.keepLast();
        killed.hit();
        killed.heal();
        killed.restore();

        String master = killed.target().substring("redis-".length());
        assertThat(cluster.calls)
                .containsExactly(
                        "in step " + master,
                        "kill " + master,
                        "takeover " + master,
                        "restart " + master,
                        "in step " + master);
    }

    /** Shard and master have the same number. */
    private static final class RecordingCluster implements ClusterTarget {
        private final List<String> calls = new ArrayList<>();

        void keepLast() {
            calls.subList(0, calls.size() - 1).clear();
        }

        @Override
        public int shards() {
            return 3;
        }

        @Override
        public int master(int shard) {
            return shard;
        }

        @Override
        public Relay relay(int server) {
            try (Relay relay = Relay.start(1)) {
                return relay;
            }
        }

        @Override
        public void awaitInStep(int shard) {
            calls.add("in step " + shard);
        }

        @Override
        public void awaitTakeover(int shard) {
            calls.add("takeover " + shard);
        }

        @Override
        public void kill(int server) {
            calls.add("kill " + server);
        }

        @Override
        public void restart(int server) {
            calls.add("restart " + server);
        }

        @Override
        public void freeze(int server) {
            calls.add("freeze " + server);
        }

        @Override
        public void thaw(int server) {
            calls.add("thaw " + server);
        }
    }
}
