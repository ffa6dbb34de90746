// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.vcpu.v1.Memslot;
import io.faultline.proto.vcpu.v1.TierQuota;
import io.faultline.proto.vcpu.v1.VmSpec;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class VmSpecCheckTest {
    @Test
    void aSpecInRangeHasNoFault() {
        assertThat(violations(spec -> {})).isEmpty();
    }

    @Test
    void limitsThemselvesAreInRange() {
        assertThat(violations(spec -> spec.setVmId(Long.MAX_VALUE)
                        .clearMemslots()
                        .addMemslots(memslot(511, (1L << 40) - 1, 1))
                        .addVcpuIds(4095)
                        .setResidentPagesMax(64)
                        .setPageReadyInterrupt(31)
                        .setFetchDeadlineMs(3_600_000)))
                .isEmpty();
    }

    @Test
    void everyFaultIsFoundAtOnce() {
        assertThat(VmSpecCheck.of(VmSpec.getDefaultInstance()).stream()
                        .map(violation -> violation.getField() + ": " + violation.getDescription()))
                .containsExactly(
                        "spec.vm_id: 0 (expected: 1 to 2^63-1)",
                        "spec.memslots: 0 memslots (expected: 1 to 512)",
                        "spec.vcpu_ids: none (expected: at least one)",
                        "spec.resident_pages_max: 0 (expected: 64 to 268435456)",
                        "spec.page_size_bytes: 0 (expected: 4096, 16384 or 65536)");
    }

    @Test
    void numbersBeyondTheSignedRangeAreShownUnsigned() {
        assertThat(violations(spec -> spec.setVmId(-1).addVcpuIds(-1).setFetchDeadlineMs(-1)))
                .containsExactly(
                        "spec.vm_id: 18446744073709551615 (expected: 1 to 2^63-1)",
                        "spec.vcpu_ids[2]: 4294967295 (expected: 0 to 4095)",
                        "spec.fetch_deadline_ms: 4294967295 (expected: 0 to 3600000)");
    }

    @Test
    void aQuotaIsZeroOrInRange() {
        assertThat(violations(spec -> spec.setTierQuota(TierQuota.newBuilder()
                        .setWeight(1000)
                        .setDramMaxBytes(1 << 20)
                        .setCompressedMaxBytes(1 << 16))))
                .isEmpty();
        assertThat(violations(spec -> spec.setTierQuota(TierQuota.newBuilder()
                        .setWeight(1001)
                        .setDramMaxBytes(4096)
                        .setCompressedMaxBytes(-1))))
                .containsExactly(
                        "spec.tier_quota.weight: 1001 (expected: 0 to 1000)",
                        "spec.tier_quota.dram_max_bytes: 4096 (expected: 0 for no limit, or 1048576 to 2^63-1)",
                        "spec.tier_quota.compressed_max_bytes: 18446744073709551615 (expected: 0 for no limit, or 65536"
                                + " to 2^63-1)");
    }

    @Test
    void aVcpuIdIsATokensTwelveBitsAndNamedOnce() {
        assertThat(violations(spec -> spec.addVcpuIds(4096).addVcpuIds(1)))
                .containsExactly(
                        "spec.vcpu_ids[2]: 4096 (expected: 0 to 4095)",
                        "spec.vcpu_ids[3]: 1 (expected: an id named once)");
    }

    @Test
    void memslotsMayNotOverlap() {
        assertThat(violations(spec -> spec.addMemslots(memslot(1, 0x10FF, 2))
                        .addMemslots(memslot(2, 0x1101, 1))
                        .addMemslots(memslot(3, 0x0FFF, 1))))
                .containsExactly("spec.memslots[1]: gfn 0x10ff to 0x1100"
                        + " (expected: no overlap; memslots[0] has gfn 0x1000 to 0x10ff)");
    }

    @Test
    void aMemslotInsideALongerOneOverlapsItEvenBehindAThird() {
        assertThat(violations(spec -> spec.addMemslots(memslot(1, 0x1010, 1)).addMemslots(memslot(2, 0x1020, 1))))
                .hasSize(2)
                .allMatch(violation -> violation.contains("memslots[0] has gfn 0x1000 to 0x10ff"));
    }

    @Test
    void memslotsHaveANumberOfTheirOwnAndAtLeastAPage() {
        assertThat(violations(spec -> spec.addMemslots(memslot(0, 0x2000, 0)).addMemslots(memslot(512, 0x3000, 1))))
                .containsExactly(
                        "spec.memslots[1].pages: 0 (expected: 1 to 1099511619584)",
                        "spec.memslots[1].slot: 0 (expected: a number of its own; memslots[0] has it already)",
                        "spec.memslots[2].slot: 512 (expected: 0 to 511)");
    }

    @Test
    void aMemslotMayNotLeaveTheAddressSpace() {
        assertThat(violations(spec -> spec.addMemslots(memslot(1, 1L << 40, 1))
                        .addMemslots(memslot(2, (1L << 40) - 1, 2))
                        .addMemslots(memslot(3, -1, 1))))
                .containsExactly(
                        "spec.memslots[1].base_gfn: 1099511627776 (expected: 0 to 1099511627775)",
                        "spec.memslots[2].pages: 2 (expected: 1 to 1)",
                        "spec.memslots[3].base_gfn: 18446744073709551615 (expected: 0 to 1099511627775)");
    }

    @Test
    void memslotsTogetherHaveABoundOnTheirPages() {
        assertThat(violations(spec -> spec.addMemslots(memslot(1, 1L << 30, 1 << 28))))
                .containsExactly("spec.memslots: 268435712 pages together (expected: at most 268435456)");
    }

    @Test
    void theInterruptIsAPrivateOne() {
        assertThat(violations(spec -> spec.setPageReadyInterrupt(15)))
                .containsExactly("spec.page_ready_interrupt: 15 (expected: 16 to 31)");
    }

    private static List<String> violations(Consumer<VmSpec.Builder> change) {
        VmSpec.Builder spec = VmSpec.newBuilder()
                .setVmId(1)
                .addMemslots(memslot(0, 0x1000, 0x100))
                .addVcpuIds(0)
                .addVcpuIds(1)
                .setResidentPagesMax(128)
                .setPageSizeBytes(4096);
        change.accept(spec);
        return VmSpecCheck.of(spec.build()).stream()
                .map(violation -> violation.getField() + ": " + violation.getDescription())
                .toList();
    }

    private static Memslot memslot(int slot, long baseGfn, long pages) {
        return Memslot.newBuilder()
                .setSlot(slot)
                .setBaseGfn(baseGfn)
                .setPages(pages)
                .build();
    }
}
