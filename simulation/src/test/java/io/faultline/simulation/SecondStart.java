// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation;

import io.faultline.model.Access;
import io.faultline.model.AsyncPf;
import io.faultline.model.PageSize;
import io.faultline.model.PageSource;
import io.faultline.model.Privilege;
import io.faultline.model.Tier;
import io.faultline.pager.domain.LoadResult;
import io.faultline.pager.domain.Pager;
import io.faultline.pager.domain.PagerLimits;
import io.faultline.pager.domain.eviction.PolicyKind;
import io.faultline.vcpu.domain.ImportRefusal;
import io.faultline.vcpu.domain.MachineSpec;
import io.faultline.vcpu.domain.Memslot;
import io.faultline.vcpu.domain.PageImport;
import io.faultline.vcpu.domain.PageImporter;
import io.faultline.vcpu.domain.VirtualMachine;
import io.faultline.vcpu.domain.prefetch.HintSource;
import io.faultline.vcpu.domain.prefetch.PrefetchCounters;
import io.faultline.vcpu.domain.prefetch.WorkingSetBudget;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.stream.LongStream;

/**
 * One VM that starts from its image over a cold pager, whose store takes a fixed time a read and does so many at once, first
 * come first served; beside it, if wanted, demand of others at random times. In virtual time.
 */
final class SecondStart {
    static final int IMAGE_PAGES = 16_384;

    private static final long SERVICE_US = 1_000;
    private static final int PARALLELISM = 32;
    private static final long TICK_US = 10_000;
    private static final long THINKING_US = 500;
    /** How long others are looked at: the replay takes as long. */
    private static final long BESIDE_US = 400 * SERVICE_US;

    private static final int VCPUS = 2;
    private static final int VM = 1;
    private static final int OTHER_VM = 2;

    private final double arrivalsPerUs;
    private final Random random = new Random(7);
    private final PriorityQueue<Event> events = new PriorityQueue<>(
            (a, b) -> a.atUs != b.atUs ? Long.compare(a.atUs, b.atUs) : Long.compare(a.order, b.order));
    private final ArrayDeque<Integer> storeQueue = new ArrayDeque<>();
    private final ArrayDeque<Integer> touches = new ArrayDeque<>();
    private final Map<Long, Long> othersAskedAtUs = new HashMap<>();
    private final List<Long> othersWaitedUs = new ArrayList<>();
    private final Pager pager;
    private final VirtualMachine vm;
    private long nowUs;
    private long order;
    private int busyReads;
    private int storeWaits;
    private int mapped;
    private int touchesInAll;
    private long endedUs;

    /** A pager that others keep busy: with so much of what its store can do. */
    SecondStart(double load) {
        arrivalsPerUs = load * PARALLELISM / SERVICE_US;
        pager = new Pager(
                new PagerLimits(2L * IMAGE_PAGES * PageSize.SIZE_4K.bytes(), 0, PARALLELISM, 1 << 14, 1, 1 << 14),
                PolicyKind.W_TINYLFU,
                new QuietPagerEffects() {
                    @Override
                    public void load(int cell) {
                        storeQueue.add(cell);
                        read();
                    }

                    @Override
                    public void answerData(int stream, long requestId, Tier tier, int cell) {
                        at(nowUs, () -> answered(stream, requestId, tier, cell));
                    }
                });
        vm = new VirtualMachine(spec(), new QuietEffects() {
            @Override
            public void fetch(int frame, long gfn, long version, int crc, long faultRef) {
                pager.fetch(VM, frame, VM, gfn, version, PageSize.SIZE_4K);
            }

            @Override
            public boolean prefetch(long gfn, long version) {
                pager.prefetch(VM, gfn, version, PageSize.SIZE_4K);
                return true;
            }

            @Override
            public void mapped(long faultRef, PageSource source) {
                storeWaits += source == PageSource.SWAP_STORE ? 1 : 0;
                mapped++;
                endedUs = nowUs;
                at(nowUs + THINKING_US, () -> touchNext((int) faultRef));
            }
        });
    }

    /** Something at its time. */
    private record Event(long atUs, long order, Runnable what) {}

    /** What came of a life. */
    record Life(
            List<Long> workingSet,
            int storeWaits,
            long timely,
            long late,
            long unused,
            long endedUs,
            long p99UsBeside) {}

    /** A life from the image on: the vCPUs touch these pages, as fast as they come; hints speak of the expected ones. */
    Life live(List<Integer> pages, List<Long> expected) {
        vm.open(false, 0);
        bringIn();
        vm.rememberWorkingSet(new WorkingSetBudget(1 << 20, 5_000));
        vm.expectWorkingSet(expected.stream().mapToLong(gfn -> gfn).toArray());
        touches.addAll(pages);
        touchesInAll = pages.size();
        for (int vcpu = 0; vcpu < VCPUS; vcpu++) {
            touchNext(vcpu);
        }
        at(TICK_US, this::tick);
        if (arrivalsPerUs > 0) {
            arrive();
        }
        while (!events.isEmpty()) {
            Event event = events.remove();
            nowUs = event.atUs;
            event.what.run();
        }
        List<Long> touched = LongStream.of(vm.workingSet()).boxed().toList();
        vm.close(nowUs * 1_000);
        PrefetchCounters hints = vm.counters().prefetches(HintSource.WORKING_SET);
        return new Life(touched, storeWaits, hints.timely(), hints.late(), hints.unused(), endedUs, p99UsBeside());
    }

    private static MachineSpec spec() {
        return new MachineSpec(
                VM,
                List.of(new Memslot(0, 0, IMAGE_PAGES, false)),
                List.of(0, 1),
                IMAGE_PAGES,
                PageSize.SIZE_4K,
                AsyncPf.DEFAULT_SDEI_EVENT,
                AsyncPf.DEFAULT_INTERRUPT,
                true,
                10_000_000_000L,
                0,
                1);
    }

    private void bringIn() {
        List<PageImport> stores = new ArrayList<>();
        PageImporter importer = new PageImporter() {
            @Override
            public void store(PageImport page) {
                stores.add(page);
            }

            @Override
            public void imported(PageImport page) {}

            @Override
            public void notImported(PageImport page, ImportRefusal why) {
                throw new AssertionError(why + " (expected: an import)");
            }
        };
        for (long gfn = 0; gfn < IMAGE_PAGES; gfn++) {
            vm.importPage(new PageImport(gfn, false, 0, 0, importer), 0);
        }
        stores.forEach(page -> vm.importStored(page, 0));
    }

    private void touchNext(int vcpu) {
        if (!touches.isEmpty()) {
            long ipa = touches.remove() * (long) PageSize.SIZE_4K.bytes();
            Objects.requireNonNull(vm.vcpu(vcpu)).raise(vcpu, ipa, Access.READ, Privilege.USER, false, nowUs * 1_000);
        }
    }

    private void tick() {
        vm.tick(nowUs * 1_000);
        if (mapped < touchesInAll) {
            at(nowUs + TICK_US, this::tick);
        }
    }

    private void arrive() {
        long gapUs = Math.round(-Math.log(1 - random.nextDouble()) / arrivalsPerUs);
        if (nowUs + gapUs < BESIDE_US) {
            at(nowUs + gapUs, () -> {
                long gfn = othersAskedAtUs.size() + (long) othersWaitedUs.size();
                othersAskedAtUs.put(gfn, nowUs);
                pager.fetch(OTHER_VM, gfn, OTHER_VM, gfn, 1, PageSize.SIZE_4K);
                arrive();
            });
        }
    }

    private void read() {
        while (busyReads < PARALLELISM && !storeQueue.isEmpty()) {
            int cell = storeQueue.remove();
            busyReads++;
            at(nowUs + SERVICE_US, () -> {
                busyReads--;
                pager.loaded(cell, LoadResult.DATA, 1);
                read();
            });
        }
    }

    private void answered(int stream, long requestId, Tier tier, int cell) {
        if (stream == VM) {
            vm.fetched((int) requestId, tier == Tier.DRAM ? PageSource.DRAM : PageSource.SWAP_STORE, nowUs * 1_000);
        } else {
            othersWaitedUs.add(nowUs - Objects.requireNonNull(othersAskedAtUs.remove(requestId)));
        }
        pager.sent(cell);
    }

    private long p99UsBeside() {
        if (othersWaitedUs.isEmpty()) {
            return 0;
        }
        Collections.sort(othersWaitedUs);
        return othersWaitedUs.get((int) Math.ceil(othersWaitedUs.size() * 0.99) - 1);
    }

    private void at(long atUs, Runnable what) {
        events.add(new Event(atUs, order++, what));
    }
}
