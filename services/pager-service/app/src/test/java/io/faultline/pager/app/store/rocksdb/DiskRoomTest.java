// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DiskRoomTest {
    private static final long LOOK_NS = Duration.ofMillis(100).toNanos();

    private long leftBytes = 1_000;
    private long nowNs = 5;
    private int looks;
    private final DiskRoom room = new DiskRoom(
            () -> {
                looks++;
                return leftBytes;
            },
            1_000,
            () -> nowNs);

    @Test
    void aDiskWithItsReserveLeftIsNotLow() {
        assertThat(room.isLow()).isFalse();
    }

    @Test
    void aDiskIsLowAndNotLowAgainAsItsRoomGoesAndComes() {
        leftBytes = 999;
        nowNs += LOOK_NS;
        assertThat(room.isLow()).isTrue();
        assertThat(room.sentence())
                .isEqualTo("the swap store's disk has 999 bytes left (expected: at least 1000,"
                        + " faultline.pager.rocksdb-disk-reserve-bytes)");

        leftBytes = 1_000;
        nowNs += LOOK_NS;
        assertThat(room.isLow()).isFalse();
    }

    @Test
    void theDiskIsLookedAtTenTimesASecondAtMost() {
        for (int i = 0; i < 1_000; i++) {
            nowNs += LOOK_NS / 100;
            room.isLow();
        }

        assertThat(looks).isEqualTo(1 + 10);
    }
}
