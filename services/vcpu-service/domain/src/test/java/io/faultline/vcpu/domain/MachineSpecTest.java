// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.model.PageSize;
import java.util.List;
import org.junit.jupiter.api.Test;

class MachineSpecTest {
    private long vmId = 1;
    private List<Memslot> memslots = List.of(new Memslot(0, 0, 16, false));
    private List<Integer> vcpuIds = List.of(0, 4095);
    private int residentPagesMax = 64;
    private int sdeiEvent = 1;
    private int interrupt = 16;
    private int prefetchPagesMax = 32;
    private long fetchDeadlineNs = 1;
    private long registeredUnixUs = 1;

    @Test
    void theEndsOfEachRangeAreInIt() {
        assertThat(spec().vmId()).isEqualTo(1);

        residentPagesMax = 1 << 28;
        sdeiEvent = Integer.MAX_VALUE;
        interrupt = 31;

        assertThat(spec().residentPagesMax()).isEqualTo(1 << 28);
    }

    @Test
    void aVmNeedsAnId() {
        vmId = 0;
        assertRefused("vmId: 0 (expected: > 0)");
    }

    @Test
    void aVmNeedsMemory() {
        memslots = List.of();
        assertRefused("memslots: 0 (expected: at least 1)");
    }

    @Test
    void aVmNeedsVcpusEachOnceAndInRange() {
        vcpuIds = List.of();
        assertRefused("vcpuIds: 0 (expected: at least 1)");
        vcpuIds = List.of(3, 3);
        assertRefused("vcpuIds: 2 (expected: each once)");
        vcpuIds = List.of(-1);
        assertRefused("vcpuId: -1 (expected: 0 to 4095)");
        vcpuIds = List.of(4096);
        assertRefused("vcpuId: 4096 (expected: 0 to 4095)");
    }

    @Test
    void aVmHasSomeFramesAndNotTooMany() {
        residentPagesMax = 63;
        assertRefused("residentPagesMax: 63 (expected: 64 to 268435456)");
        residentPagesMax = (1 << 28) + 1;
        assertRefused("residentPagesMax: 268435457 (expected: 64 to 268435456)");
    }

    @Test
    void pageNotPresentNeedsAnEvent() {
        sdeiEvent = 0;
        assertRefused("sdeiEvent: 0 (expected: 1 to 2147483647)");
    }

    @Test
    void pageReadyNeedsAPpi() {
        interrupt = 15;
        assertRefused("pageReadyInterrupt: 15 (expected: 16 to 31)");
        interrupt = 32;
        assertRefused("pageReadyInterrupt: 32 (expected: 16 to 31)");
    }

    @Test
    void hintsGoNoFurtherThanTheWindow() {
        prefetchPagesMax = -1;
        assertRefused("prefetchPagesMax: -1 (expected: 0 to 32)");
        prefetchPagesMax = 33;
        assertRefused("prefetchPagesMax: 33 (expected: 0 to 32)");
    }

    @Test
    void timesArePositive() {
        fetchDeadlineNs = 0;
        assertRefused("fetchDeadlineNs: 0 (expected: > 0)");
        fetchDeadlineNs = 1;
        registeredUnixUs = 0;
        assertRefused("registeredUnixUs: 0 (expected: > 0)");
    }

    private void assertRefused(String message) {
        assertThatThrownBy(this::spec)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private MachineSpec spec() {
        return new MachineSpec(
                vmId,
                memslots,
                vcpuIds,
                residentPagesMax,
                PageSize.SIZE_4K,
                sdeiEvent,
                interrupt,
                true,
                fetchDeadlineNs,
                prefetchPagesMax,
                registeredUnixUs);
    }
}
