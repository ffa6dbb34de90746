// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.AsyncPf;
import io.faultline.model.FailReason;
import io.faultline.model.PageSize;
import io.faultline.model.PageSource;
import io.faultline.model.Resolution;
import io.faultline.model.SyncReason;
import io.faultline.vcpu.domain.FrameTable.Use;
import io.faultline.vcpu.domain.prefetch.HintSource;
import io.faultline.vcpu.domain.prefetch.PrefetchCounters;
import io.faultline.vcpu.domain.prefetch.WorkingSetBudget;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Random histories of faults, host accesses, memslot changes, imports, reconfigurations, lost connections and failing tiers, in
 * random order of delivery: whatever happens, every fault and request ends once and no page's content is lost.
 */
class RandomHistoryTest {
    private static final int FRAMES = 64;
    /** Fewer than are expected and touched. */
    private static final int WORKING_SET_PAGES = 600;

    private static final int VCPUS = 3;
    private static final int STEPS = 3_000;
    private static final int SEEDS = 192;
    private static final long MS = 1_000_000;

    private static final Memslot MAIN = new Memslot(0, 0, 200, false);
    private static final Memslot TRANSIENT = new Memslot(1, 1_000, 40, false);
    private static final Memslot GUARDED = new Memslot(2, 2_000, 40, false);
    private static final List<Memslot> OTHERS = List.of(TRANSIENT, GUARDED, new Memslot(3, 5_000, 3, true));

    /** What the histories must have come across, or they prove too little. */
    private static final List<Enum<?>> WORTHWHILE = List.of(
            PageSource.RESIDENT,
            PageSource.ZERO_FILL,
            PageSource.TAKEN_BACK,
            PageSource.DRAM,
            SyncReason.DUPLICATE,
            SyncReason.EARLIER_FAILURE,
            SyncReason.NO_FRAME,
            SyncReason.NOTIFIER_UNAVAILABLE,
            SyncReason.PE_MASKED,
            Resolution.READY,
            Resolution.CANCELLED,
            Resolution.DROPPED,
            FailReason.NO_MEMSLOT,
            FailReason.READ_ONLY,
            FailReason.PAGE_ABSENT,
            FailReason.PAGE_UNAVAILABLE,
            ImportRefusal.NO_MEMSLOT,
            ImportRefusal.NOT_EMPTY,
            ImportRefusal.IN_USE,
            ImportRefusal.UNAVAILABLE,
            ImportRefusal.GIVEN_UP,
            ImportRefusal.VM_GONE,
            Sight.SHARED_COPY,
            Sight.WORKING_SET,
            Sight.HINT_TIMELY,
            Sight.HINT_LATE,
            Sight.HINT_UNUSED,
            Sight.HINT_REFUSED);

    /** What no answer tells. */
    private enum Sight {
        /** A copy that more than one page stood for. */
        SHARED_COPY,
        /** A page that a life before touched, hinted at and then wanted in time. */
        WORKING_SET,
        /** A page hinted at that was wanted and did not come from the swap store. */
        HINT_TIMELY,
        /** One that did. */
        HINT_LATE,
        /** One that nobody wanted. */
        HINT_UNUSED,
        /** A hint that was not taken. */
        HINT_REFUSED
    }

    private static final List<HostAccess> HOST_ACCESSES = List.of(HostAccess.values());

    private final Random random = new Random();
    private final ModelWorld world = new ModelWorld(random, FRAMES);
    private final VirtualMachine vm = newMachine();
    private final WorkingSetBudget budget = new WorkingSetBudget(WORKING_SET_PAGES, 6_667);
    private long nowNs = 1;
    private long lastGfn;
    private boolean transientThere = true;
    private boolean guarded;
    private final Set<Sight> sights = EnumSet.noneOf(Sight.class);
    private boolean strolls;

    @Test
    void everyFaultEndsOnceAndNoContentIsLost() {
        Set<Enum<?>> reached = new HashSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            reached.addAll(runOne(seed));
        }
        assertThat(reached).as("what the histories came across").containsAll(WORTHWHILE);
    }

    private static Set<Enum<?>> runOne(int seed) {
        try {
            RandomHistoryTest fresh = new RandomHistoryTest();
            fresh.random.setSeed(seed);
            fresh.live(seed % 2 == 0 ? 0 : 20);
            // A third of the VMs are unregistered in the middle of things.
            if (seed % 3 != 0) {
                fresh.comeToRest();
            }
            fresh.close();
            return fresh.reached();
        } catch (AssertionError | RuntimeException failure) {
            throw new AssertionError("seed " + seed, failure);
        }
    }

    private Set<Enum<?>> reached() {
        Counters counters = vm.counters();
        Set<Enum<?>> reached = new HashSet<>();
        Stream.of(PageSource.values()).filter(it -> counters.mapped(it) > 0).forEach(reached::add);
        Stream.of(SyncReason.values())
                .filter(it -> counters.synchronous(it) > 0)
                .forEach(reached::add);
        Stream.of(Resolution.values()).filter(it -> counters.resolved(it) > 0).forEach(reached::add);
        Stream.of(FailReason.values()).filter(it -> counters.failed(it) > 0).forEach(reached::add);
        reached.addAll(world.importRefusals);
        reached.addAll(sights);
        reached.addAll(hintsReached(counters));
        return reached;
    }

    private static Set<Sight> hintsReached(Counters counters) {
        PrefetchCounters hints = sumOfHints(counters);
        Set<Sight> reached = EnumSet.noneOf(Sight.class);
        reached.addAll(counters.prefetches(HintSource.WORKING_SET).timely() > 0 ? Set.of(Sight.WORKING_SET) : Set.of());
        reached.addAll(hints.timely() > 0 ? Set.of(Sight.HINT_TIMELY) : Set.of());
        reached.addAll(hints.late() > 0 ? Set.of(Sight.HINT_LATE) : Set.of());
        reached.addAll(hints.unused() > 0 ? Set.of(Sight.HINT_UNUSED) : Set.of());
        reached.addAll(hints.refused() > 0 ? Set.of(Sight.HINT_REFUSED) : Set.of());
        return reached;
    }

    /**
     * @param faults how many of 100 answers go wrong
     */
    private void live(int faults) {
        vm.open(true, nowNs);
        vm.rememberWorkingSet(budget);
        vm.expectWorkingSet(
                LongStream.generate(() -> random.nextLong(2_100)).limit(300).toArray());
        for (int step = 0; step < STEPS; step++) {
            nowNs += random.nextInt(200_000);
            strolls = strolls ? random.nextInt(30) != 0 : random.nextInt(100) == 0;
            step(faults);
            if (step % 64 == 0) {
                checkFrames();
                checkSharedCopies();
                checkHints(markedPages());
            }
        }
    }

    /** Whatever was hinted has come to one thing, or is still marked. */
    private void checkHints(long open) {
        PrefetchCounters sum = sumOfHints(vm.counters());
        assertThat(sum.open()).isEqualTo(open);
        assertThat(sum.timely() + sum.late() + sum.unused() + sum.open()).isEqualTo(sum.issued());
    }

    private static PrefetchCounters sumOfHints(Counters counters) {
        PrefetchCounters sum = new PrefetchCounters();
        for (HintSource by : HintSource.values()) {
            sum.add(counters.prefetches(by));
        }
        return sum;
    }

    private long markedPages() {
        return vm.memslots().stream()
                .flatMapToLong(memslot -> LongStream.range(memslot.baseGfn(), memslot.endGfn()))
                .mapToInt(this::page)
                .filter(this::isMarked)
                .count();
    }

    private boolean isMarked(int page) {
        long entry = vm.memory().stage2.entry(page);
        boolean arrives = Stage2Table.stateOf(entry) == PageState.ARRIVING;
        return Stage2Table.isHinted(arrives ? vm.memory().arrivals.of(page).origin : entry);
    }

    private void close() {
        vm.close(nowNs);
        assertThat(world.isIdle()).isTrue();
        assertThat(vm.faultsInFlight()).isZero();
        checkHints(0);
        assertThat(budget.pagesFree()).isEqualTo(WORKING_SET_PAGES);
        world.assertChainsClosed();
    }

    /** All that is under way comes to its end, and every page is still there. */
    private void comeToRest() {
        settle();
        touchEveryPage();
        settle();
        for (int id = 0; id < VCPUS; id++) {
            assertThat(vcpu(id).works()).isZero();
            assertThat(vcpu(id).state()).isEqualTo(Vcpu.State.RUNNING);
        }
        FrameTable frames = vm.memory().frames;
        assertThat(frames.count(Use.FREE) + frames.count(Use.RESIDENT)).isEqualTo(FRAMES);
        assertThat(IntStream.range(0, FRAMES)).noneMatch(frames::isPinned);
    }

    private void step(int faults) {
        int dice = random.nextInt(1_000);
        if (dice < 300) {
            world.raise(vm, random.nextInt(VCPUS), anyGfn(), nowNs);
        } else if (dice < 500) {
            pagerMoves(faults);
        } else if (dice < 900) {
            world.notifier.moveOne(vm, nowNs, faults);
        } else if (dice < 925) {
            HostAccess access = HOST_ACCESSES.get(random.nextInt(3));
            world.hostAccess(vm, anyGfn(), access, nowNs);
        } else if (dice < 950) {
            world.importPage(vm, anyGfn(), nowNs);
        } else if (dice < 970) {
            vm.tick(nowNs);
        } else {
            rareStep(dice - 970, faults);
        }
    }

    private void rareStep(int dice, int faults) {
        switch (dice) {
            case 0 -> world.configure(vcpu(random.nextInt(VCPUS)), 0, nowNs);
            case 1 -> world.notifier.detach();
            case 2 -> toggleConnection();
            case 3, 4, 5, 6 -> {
                if (!world.notifier.connected) {
                    toggleConnection();
                }
            }
            case 7 -> toggleTransientMemslot();
            case 8 -> toggleGuard();
            case 9, 10 -> world.pager.away = !world.pager.away && faults > 0;
            case 11 -> vcpu(random.nextInt(VCPUS)).reset(nowNs);
            default -> world.configure(vcpu(random.nextInt(VCPUS)), 1 + 2L * random.nextInt(2), nowNs);
        }
    }

    private void toggleConnection() {
        if (world.notifier.connected) {
            world.notifier.lose();
            vm.notifierLost(nowNs);
        } else {
            world.notifier.connected = true;
            vm.notifierConnected(nowNs);
        }
    }

    private void toggleTransientMemslot() {
        transientThere = !transientThere;
        if (transientThere) {
            vm.setMemslot(TRANSIENT, nowNs);
        } else {
            vm.setMemslot(new Memslot(1, TRANSIENT.baseGfn(), 0, false), nowNs);
            for (long gfn = TRANSIENT.baseGfn(); gfn < TRANSIENT.endGfn(); gfn++) {
                world.pager.forget(gfn);
            }
        }
    }

    private void toggleGuard() {
        guarded = !guarded;
        vm.setMemslot(new Memslot(2, GUARDED.baseGfn(), GUARDED.pages(), guarded), nowNs);
    }

    /**
     * Mostly anywhere in the main memslot, which is three times the frames; often the page that was just touched, or the one
     * behind it.
     */
    private long anyGfn() {
        int dice = random.nextInt(20);
        if (strolls) {
            lastGfn = MAIN.contains(lastGfn + 1) ? lastGfn + 1 : MAIN.baseGfn();
        } else if (dice >= 3) {
            lastGfn = somewhereIn(dice < 6 ? OTHERS.get(dice - 3) : MAIN);
        }
        return lastGfn;
    }

    private long somewhereIn(Memslot memslot) {
        return memslot.baseGfn() + random.nextLong(memslot.pages());
    }

    private void pagerMoves(int faults) {
        world.pager.answerOne(vm, nowNs, faults);
    }

    /** From here on everything works: all that is under way comes to its end. */
    private void settle() {
        if (!world.notifier.connected) {
            toggleConnection();
        }
        world.pager.away = false;
        for (int round = 0; round < 200_000 && !isQuiet(); round++) {
            nowNs += MS / 10;
            pagerMoves(0);
            world.notifier.moveOne(vm, nowNs, 0);
            if (round % 16 == 0) {
                vm.tick(nowNs);
            }
        }
        assertThat(world.openFaults()).isEmpty();
        assertThat(isQuiet()).isTrue();
    }

    private boolean isQuiet() {
        return world.isIdle()
                && world.pager.isIdle()
                && world.notifier.isIdle()
                && vm.memory().frames.count(Use.WRITING_OUT) == 0;
    }

    private void touchEveryPage() {
        for (Memslot memslot : vm.memslots()) {
            for (long gfn = memslot.baseGfn(); gfn < memslot.endGfn(); gfn++) {
                boolean poisoned = vm.memory().stage2.state(page(gfn)) == PageState.POISONED;
                assertThat(poisoned).isEqualTo(world.pager.isLost(gfn));
                world.raise(vm, random.nextInt(VCPUS), gfn, nowNs);
                if (gfn % 32 == 0) {
                    settle();
                }
            }
        }
    }

    /** Each frame in use and the page or arrival in it agree on each other. */
    private void checkFrames() {
        FrameTable frames = vm.memory().frames;
        int free = 0;
        for (int frame = 0; frame < FRAMES; frame++) {
            switch (frames.use(frame)) {
                case FREE -> free++;
                case RESIDENT -> assertThat(stateOf(frame)).isEqualTo(PageState.RESIDENT);
                case WRITING_OUT -> assertThat(stateOf(frame)).isEqualTo(PageState.WRITING_OUT);
                case ARRIVING ->
                    assertThat(vm.memory().arrivals.of(page(frames.gfn(frame))).frame)
                            .isEqualTo(frame);
                case ORPHANED ->
                    assertThat(frames.has(frame, FrameTable.STORING | FrameTable.FETCHING))
                            .isTrue();
            }
        }
        assertThat(frames.freeCount()).isEqualTo(free).isEqualTo(frames.count(Use.FREE));
        assertThat(vm.framesInUse()).isEqualTo(FRAMES - free);
    }

    /** Each shared copy is counted as often as it is used, by pages that are out, in a frame, or on their way there. */
    private void checkSharedCopies() {
        Map<Long, Integer> users = new HashMap<>();
        for (Memslot memslot : vm.memslots()) {
            for (long gfn = memslot.baseGfn(); gfn < memslot.endGfn(); gfn++) {
                long copy = copyOf(page(gfn));
                if (SharedCopies.isShared(copy)) {
                    users.merge(copy, 1, Integer::sum);
                }
            }
        }
        users.forEach(
                (copy, count) -> assertThat(vm.memory().copies.users(copy)).isEqualTo(count));
        assertThat(vm.memory().copies.count()).isEqualTo(users.size());
        if (users.values().stream().anyMatch(count -> count > 1)) {
            sights.add(Sight.SHARED_COPY);
        }
    }

    private long copyOf(int page) {
        return switch (vm.memory().stage2.state(page)) {
            case SWAPPED -> vm.memory().stage2.payload(page);
            case RESIDENT -> vm.memory().frames.version(vm.memory().frameOf(page));
            case ARRIVING -> {
                Arrival arrival = vm.memory().arrivals.of(page);
                yield Stage2Table.stateOf(arrival.origin) == PageState.SWAPPED ? arrival.copy() : 0;
            }
            case ZERO, WRITING_OUT, POISONED -> 0;
        };
    }

    private PageState stateOf(int frame) {
        int page = vm.memory().frames.owner(frame);
        assertThat(vm.memory().frameOf(page)).isEqualTo(frame);
        assertThat(page(vm.memory().frames.gfn(frame))).isEqualTo(page);
        return vm.memory().stage2.state(page);
    }

    private int page(long gfn) {
        return Objects.requireNonNull(vm.memory().memslots.find(gfn)).page(gfn);
    }

    private Vcpu vcpu(int id) {
        return Objects.requireNonNull(vm.vcpu(id));
    }

    private VirtualMachine newMachine() {
        MachineSpec spec = new MachineSpec(
                1,
                List.of(MAIN, TRANSIENT, GUARDED),
                List.of(0, 1, 2),
                FRAMES,
                PageSize.SIZE_4K,
                AsyncPf.DEFAULT_SDEI_EVENT,
                AsyncPf.DEFAULT_INTERRUPT,
                true,
                50 * MS,
                8,
                1_000_000);
        return new VirtualMachine(spec, world);
    }
}
