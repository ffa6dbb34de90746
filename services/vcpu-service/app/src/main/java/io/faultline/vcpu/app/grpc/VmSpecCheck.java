// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import com.google.rpc.BadRequest.FieldViolation;
import io.faultline.model.AsyncPf;
import io.faultline.model.PageSize;
import io.faultline.model.Token;
import io.faultline.proto.vcpu.v1.Memslot;
import io.faultline.proto.vcpu.v1.VmSpec;
import io.faultline.rpc.Statuses;
import io.faultline.vcpu.app.host.TierQuota;
import io.faultline.vcpu.domain.MachineSpec;
import io.faultline.vcpu.domain.prefetch.PrefetchWindow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** Finds everything that is wrong with a VM's spec at once, each as a field, its value and what is expected. */
final class VmSpecCheck {
    static final int MEMSLOTS_MAX = 512;
    /** Intermediate physical addresses have 52 bits at most (FEAT_LPA2). */
    static final int IPA_BITS_MAX = 52;
    /** An hour: a fetch that is not given up after that is given up by nobody. */
    static final int FETCH_DEADLINE_MS_MAX = 3_600_000;

    /** How many are reported: with more, they would not fit in the headers that an error travels in. */
    static final int VIOLATIONS_MAX = 16;

    /** With a page size that is itself wrong, addresses are judged by the smallest. */
    private static final int SMALLEST_PAGE_SHIFT = 12;

    private final List<FieldViolation> violations = new ArrayList<>();
    private int unreported;

    private VmSpecCheck() {}

    /** What is wrong with a spec, the first of it and how much more there is; empty when nothing is. */
    static List<FieldViolation> of(VmSpec spec) {
        VmSpecCheck check = new VmSpecCheck();
        check.range("spec.vm_id", spec.getVmId(), 1, Long.MAX_VALUE, "1 to 2^63-1");
        check.memslots(spec.getMemslotsList(), pageShift(spec.getPageSizeBytes()));
        check.vcpuIds(spec.getVcpuIdsList());
        check.range(
                "spec.resident_pages_max",
                spec.getResidentPagesMax(),
                MachineSpec.RESIDENT_PAGES_MIN,
                MachineSpec.PAGES_MAX);
        if (!isPageSize(spec.getPageSizeBytes())) {
            check.add("spec.page_size_bytes", spec.getPageSizeBytes(), "4096, 16384 or 65536");
        }
        if (spec.getPageReadyInterrupt() != 0) {
            check.range("spec.page_ready_interrupt", spec.getPageReadyInterrupt(), AsyncPf.PPI_MIN, AsyncPf.PPI_MAX);
        }
        check.range("spec.sdei_event", Integer.toUnsignedLong(spec.getSdeiEvent()), 0, Integer.MAX_VALUE);
        check.range(
                "spec.fetch_deadline_ms", Integer.toUnsignedLong(spec.getFetchDeadlineMs()), 0, FETCH_DEADLINE_MS_MAX);
        check.tierQuota(spec.getTierQuota());
        check.range(
                "spec.prefetch_pages_max",
                Integer.toUnsignedLong(spec.getPrefetchPagesMax()),
                0,
                PrefetchWindow.PAGES_MAX);
        return check.violations();
    }

    /** What is wrong with one memslot by itself, which may be a deletion. */
    static List<FieldViolation> ofMemslot(Memslot memslot, PageSize pageSize) {
        VmSpecCheck check = new VmSpecCheck();
        check.memslot("memslot", memslot, pageSize.shift(), 0);
        return check.violations();
    }

    private void tierQuota(io.faultline.proto.vcpu.v1.TierQuota quota) {
        range("spec.tier_quota.weight", Integer.toUnsignedLong(quota.getWeight()), 0, TierQuota.WEIGHT_MAX);
        limit("spec.tier_quota.dram_max_bytes", quota.getDramMaxBytes(), TierQuota.DRAM_LEAST_BYTES);
        limit("spec.tier_quota.compressed_max_bytes", quota.getCompressedMaxBytes(), TierQuota.COMPRESSED_LEAST_BYTES);
    }

    private void limit(String field, long bytes, long least) {
        if (bytes != 0) {
            range(field, bytes, least, Long.MAX_VALUE, "0 for no limit, or " + least + " to 2^63-1");
        }
    }

    private void memslots(List<Memslot> memslots, int pageShift) {
        if (memslots.isEmpty() || memslots.size() > MEMSLOTS_MAX) {
            add("spec.memslots", memslots.size() + " memslots", "1 to " + MEMSLOTS_MAX);
        }
        Map<Integer, Integer> indexBySlot = new HashMap<>();
        for (int i = 0; i < Math.min(memslots.size(), MEMSLOTS_MAX); i++) {
            Memslot memslot = memslots.get(i);
            memslot("spec.memslots[" + i + "]", memslot, pageShift, 1);
            Integer earlier = indexBySlot.putIfAbsent(memslot.getSlot(), i);
            if (earlier != null) {
                add(
                        "spec.memslots[" + i + "].slot",
                        Integer.toUnsignedString(memslot.getSlot()),
                        "a number of its own; memslots[" + earlier + "] has it already");
            }
        }
        overlaps(memslots);
        long pages = memslots.stream()
                .filter(VmSpecCheck::isPlausible)
                .mapToLong(Memslot::getPages)
                .sum();
        if (pages > MachineSpec.PAGES_MAX) {
            add("spec.memslots", pages + " pages together", "at most " + MachineSpec.PAGES_MAX);
        }
    }

    private void memslot(String field, Memslot memslot, int pageShift, int pagesMin) {
        range(field + ".slot", Integer.toUnsignedLong(memslot.getSlot()), 0, io.faultline.vcpu.domain.Memslot.SLOT_MAX);
        long gfns = 1L << (IPA_BITS_MAX - pageShift);
        if (!range(field + ".base_gfn", memslot.getBaseGfn(), 0, gfns - 1)) {
            return;
        }
        range(field + ".pages", memslot.getPages(), pagesMin, gfns - memslot.getBaseGfn());
    }

    private void overlaps(List<Memslot> memslots) {
        List<Integer> byBase = IntStream.range(0, Math.min(memslots.size(), MEMSLOTS_MAX))
                .filter(i -> isPlausible(memslots.get(i)))
                .boxed()
                .sorted(Comparator.comparingLong(i -> memslots.get(i).getBaseGfn()))
                .toList();
        int highest = -1;
        for (int i : byBase) {
            if (highest >= 0 && memslots.get(i).getBaseGfn() < end(memslots.get(highest))) {
                int later = Math.max(i, highest);
                int earlier = Math.min(i, highest);
                add(
                        "spec.memslots[" + later + "]",
                        describe(memslots.get(later)),
                        "no overlap; memslots[" + earlier + "] has " + describe(memslots.get(earlier)));
            }
            if (highest < 0 || end(memslots.get(i)) > end(memslots.get(highest))) {
                highest = i;
            }
        }
    }

    private void vcpuIds(List<Integer> ids) {
        if (ids.isEmpty()) {
            add("spec.vcpu_ids", "none", "at least one");
        }
        Set<Integer> seen = new HashSet<>();
        for (int i = 0; i < ids.size(); i++) {
            String field = "spec.vcpu_ids[" + i + "]";
            if (range(field, Integer.toUnsignedLong(ids.get(i)), 0, Token.VCPU_ID_MAX) && !seen.add(ids.get(i))) {
                add(field, ids.get(i), "an id named once");
            }
        }
    }

    private boolean range(String field, long value, long least, long most) {
        return range(field, value, least, most, least + " to " + most);
    }

    private boolean range(String field, long value, long least, long most, String expected) {
        if (value < least || value > most) {
            add(field, Long.toUnsignedString(value), expected);
            return false;
        }
        return true;
    }

    private void add(String field, Object value, String expected) {
        if (violations.size() < VIOLATIONS_MAX) {
            violations.add(Statuses.violation(field, value + " (expected: " + expected + ")"));
        } else {
            unreported++;
        }
    }

    private List<FieldViolation> violations() {
        if (unreported > 0) {
            violations.add(Statuses.violation("spec", "and " + unreported + " more"));
        }
        return violations;
    }

    private static boolean isPlausible(Memslot memslot) {
        long gfns = 1L << (IPA_BITS_MAX - SMALLEST_PAGE_SHIFT);
        return memslot.getBaseGfn() >= 0
                && memslot.getBaseGfn() < gfns
                && memslot.getPages() >= 1
                && memslot.getPages() <= gfns;
    }

    private static long end(Memslot memslot) {
        return memslot.getBaseGfn() + memslot.getPages();
    }

    private static String describe(Memslot memslot) {
        return "gfn 0x" + Long.toHexString(memslot.getBaseGfn()) + " to 0x" + Long.toHexString(end(memslot) - 1);
    }

    private static boolean isPageSize(int bytes) {
        return bytes == 4096 || bytes == 16384 || bytes == 65536;
    }

    private static int pageShift(int pageSizeBytes) {
        return isPageSize(pageSizeBytes) ? Integer.numberOfTrailingZeros(pageSizeBytes) : SMALLEST_PAGE_SHIFT;
    }
}
