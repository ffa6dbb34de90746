// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;

/**
 * Frames and tiers whose pages are single numbers, 0 for zeros, and the truth: what each page must hold. Finds content
 * that is lost, stale, stored twice under one version, or read before it is there.
 */
final class ModelPager {
    private final Random random;
    private final long[] frames;
    private final Map<Long, Long> truth = new HashMap<>();
    private final Map<Name, Long> tiers = new HashMap<>();
    private final Map<Integer, Name> fetches = new LinkedHashMap<>();
    private final Map<Integer, Store> stores = new LinkedHashMap<>();
    private final Map<PageImport, Long> imports = new LinkedHashMap<>();
    private final Set<Name> shared = new HashSet<>();
    private final Set<Long> lost = new HashSet<>();
    /** While it is, every answer is "unavailable". */
    boolean away;

    private record Name(long gfn, long version) {}

    private record Store(Name name, long content) {}

    ModelPager(Random random, int frames) {
        this.random = random;
        this.frames = new long[frames];
    }

    boolean isIdle() {
        return fetches.isEmpty() && stores.isEmpty() && imports.isEmpty();
    }

    boolean isLost(long gfn) {
        return lost.contains(gfn);
    }

    long read(long gfn, int frame) {
        assertThat(lost).doesNotContain(gfn);
        assertThat(frames[frame]).as("content of gfn %d", gfn).isEqualTo(truth.getOrDefault(gfn, 0L));
        return frames[frame];
    }

    void write(long gfn, int frame, long content) {
        lost.remove(gfn);
        frames[frame] = content;
        truth.put(gfn, content);
    }

    /** An image's bytes are the page's. */
    void imported(long gfn, long content) {
        lost.remove(gfn);
        truth.put(gfn, content);
    }

    /** From here on more than one page may stand for these bytes. */
    void share(long gfn, long version) {
        shared.add(new Name(gfn, version));
    }

    void storeImport(PageImport page, long content) {
        Name name = new Name(page.gfn(), page.version());
        assertThat(tiers.getOrDefault(name, content))
                .as("%s never changes", name)
                .isEqualTo(content);
        assertThat(imports.put(page, content)).as("one store a page").isNull();
    }

    /** The page is new and zero, because its memslot went. */
    void forget(long gfn) {
        truth.remove(gfn);
        lost.remove(gfn);
    }

    void zero(int frame) {
        assertThat(isBusy(frame)).isFalse();
        frames[frame] = 0;
    }

    void fetch(int frame, long gfn, long version, int crc) {
        assertThat(isBusy(frame)).isFalse();
        Name name = new Name(gfn, version);
        assertThat(tiers).containsKey(name);
        assertThat(crc).isEqualTo(Long.hashCode(tiers.getOrDefault(name, -1L)));
        if (!shared.contains(name)) {
            assertThat(fetches.values()).as("one fetch a page").doesNotContain(name);
        }
        fetches.put(frame, name);
    }

    void writeOut(int frame, long gfn, long version) {
        assertThat(isBusy(frame)).isFalse();
        Name name = new Name(gfn, version);
        assertThat(tiers.getOrDefault(name, frames[frame]))
                .as("%s never changes", name)
                .isEqualTo(frames[frame]);
        stores.put(frame, new Store(name, frames[frame]));
    }

    /** Hints name only what is there, and are sometimes not taken. */
    boolean prefetch(long gfn, long version) {
        assertThat(tiers).containsKey(new Name(gfn, version));
        return random.nextInt(8) != 0;
    }

    void discard(long gfn, long version) {
        tiers.remove(new Name(gfn, version));
    }

    /** Answers one request under way; {@code faults} of 100 go wrong. */
    void answerOne(VirtualMachine vm, long nowNs, int faults) {
        if (!imports.isEmpty() && (random.nextInt(3) == 0 || (fetches.isEmpty() && stores.isEmpty()))) {
            answerImport(vm, nowNs, faults);
        } else if (!fetches.isEmpty() && (stores.isEmpty() || random.nextBoolean())) {
            answerFetch(vm, nowNs, faults);
        } else if (!stores.isEmpty()) {
            answerStore(vm, nowNs, faults);
        }
    }

    private void answerFetch(VirtualMachine vm, long nowNs, int faults) {
        int frame = pick(fetches);
        Name name = Objects.requireNonNull(fetches.remove(frame));
        int dice = random.nextInt(100);
        if (away) {
            vm.fetchUnavailable(frame, nowNs);
        } else if (dice >= faults) {
            // An orphaned fetch may be of a version that was discarded meanwhile; its bytes are nobody's.
            frames[frame] = tiers.getOrDefault(name, -1L);
            vm.fetched(frame, random.nextBoolean() ? PageSource.DRAM : PageSource.SWAP_STORE, nowNs);
        } else if (dice % 4 == 0) {
            boolean wanted = vm.memory().frames.use(frame) != FrameTable.Use.ORPHANED;
            if (wanted) {
                lost.add(vm.memory().frames.gfn(frame));
            }
            vm.fetchFailed(frame, random.nextBoolean() ? FailReason.PAGE_ABSENT : FailReason.PAGE_CORRUPT, nowNs);
        } else {
            vm.fetchUnavailable(frame, nowNs);
        }
    }

    private void answerStore(VirtualMachine vm, long nowNs, int faults) {
        int frame = pick(stores);
        Store store = Objects.requireNonNull(stores.remove(frame));
        boolean works = !away && random.nextInt(100) >= faults;
        if (works && store.content == 0) {
            vm.storedZero(frame, nowNs);
            return;
        }
        if (works || random.nextBoolean()) {
            tiers.put(store.name, store.content);
        }
        if (works) {
            vm.stored(frame, Long.hashCode(store.content), nowNs);
        } else {
            vm.storeUnavailable(frame, nowNs);
        }
    }

    private void answerImport(VirtualMachine vm, long nowNs, int faults) {
        PageImport page = pick(imports);
        long content = Objects.requireNonNull(imports.remove(page));
        boolean works = !away && random.nextInt(100) >= faults;
        if (works || random.nextBoolean()) {
            tiers.put(new Name(page.gfn(), page.version()), content);
        }
        if (works) {
            vm.importStored(page, nowNs);
        } else if (random.nextInt(4) == 0) {
            vm.importGivenUp(page, nowNs);
        } else {
            vm.importUnavailable(page, nowNs);
        }
    }

    private <K> K pick(Map<K, ?> open) {
        Iterator<K> frame = open.keySet().iterator();
        for (int skip = random.nextInt(open.size()); skip > 0; skip--) {
            frame.next();
        }
        return frame.next();
    }

    private boolean isBusy(int frame) {
        return fetches.containsKey(frame) || stores.containsKey(frame);
    }
}
