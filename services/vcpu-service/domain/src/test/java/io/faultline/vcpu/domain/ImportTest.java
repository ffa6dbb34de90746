// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import static io.faultline.vcpu.domain.Rig.BASE_GFN;
import static io.faultline.vcpu.domain.Rig.DEADLINE_NS;
import static io.faultline.vcpu.domain.Rig.MS;
import static io.faultline.vcpu.domain.Rig.PAGES;
import static io.faultline.vcpu.domain.Rig.REGISTERED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.faultline.model.FailReason;
import io.faultline.vcpu.domain.RecordingEffects.PageName;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Pages of a memory image on their way into the tiers, and who comes in between. */
class ImportTest implements PageImporter {
    private static final long GFN = BASE_GFN + 5;
    private static final long OTHER = BASE_GFN + 4_000;
    private static final long READ_ONLY = BASE_GFN + PAGES;
    private static final int CRC = 0x1234;

    private final Rig rig = new Rig(0);
    private final List<PageImport> stores = new ArrayList<>();
    private final List<String> ends = new ArrayList<>();

    @Override
    public void store(PageImport page) {
        stores.add(page);
    }

    @Override
    public void imported(PageImport page) {
        ends.add("imported " + page.gfn());
    }

    @Override
    public void notImported(PageImport page, ImportRefusal why) {
        ends.add(why + " " + page.gfn());
    }

    @Test
    void aPageIsSwappedOnceTheTiersHaveIt() {
        PageImport page = begin(GFN);
        assertThat(page.version()).isEqualTo(REGISTERED);
        assertThat(rig.state(GFN)).isEqualTo(PageState.ZERO);

        rig.vm.importStored(page, rig.nowNs);

        assertThat(ends).containsExactly("imported " + GFN);
        assertThat(rig.state(GFN)).isEqualTo(PageState.SWAPPED);
        rig.fault(0, GFN);
        assertThat(rig.seen.fetches).containsValue(new PageName(GFN, REGISTERED));
        assertThat(rig.vm.framesInUse()).as("only the fault's own").isEqualTo(1);
    }

    @Test
    void versionsComeFromTheSameSequenceAsThoseOfWriteOuts() {
        begin(GFN);
        rig.writeFault(0, OTHER);
        rig.startWriteOut(OTHER);

        assertThat(rig.seen.writeOuts).containsValue(new PageName(OTHER, REGISTERED + 1));
    }

    @Test
    void aPageOfZerosIsNotStoredAndNeverFetched() {
        rig.vm.importZero(page(GFN, false), rig.nowNs);

        assertThat(ends).containsExactly("imported " + GFN);
        assertThat(stores).isEmpty();
        assertThat(rig.outcome(rig.fault(0, GFN))).isEqualTo("MAPPED ZERO_FILL");
        assertThat(rig.vm.counters().pagesImportedZero()).isEqualTo(1);
    }

    @Test
    void theHostMayImportWhereGuestsMayNotWrite() {
        rig.vm.importStored(begin(READ_ONLY), rig.nowNs);

        assertThat(rig.state(READ_ONLY)).isEqualTo(PageState.SWAPPED);
    }

    @Test
    void whoeverTouchesAPageFirstKeepsItAndTheCopyThatComesLateIsDiscarded() {
        PageImport page = begin(GFN);

        assertThat(rig.outcome(rig.fault(0, GFN))).as("nobody waits").isEqualTo("MAPPED ZERO_FILL");
        rig.vm.importStored(page, rig.nowNs);

        assertThat(ends).containsExactly("NOT_EMPTY " + GFN);
        assertThat(rig.state(GFN)).isEqualTo(PageState.RESIDENT);
        assertThat(rig.seen.discards).containsExactly(new PageName(GFN, page.version()));
    }

    @Test
    void whatAPageHoldsIsNotReplacedUnlessTheImportSaysSo() {
        rig.swapOut(GFN);
        rig.writeFault(0, OTHER);
        rig.vm.importPage(page(GFN, false), rig.nowNs);
        rig.vm.importZero(page(OTHER, false), rig.nowNs);
        assertThat(ends).containsExactly("NOT_EMPTY " + GFN, "NOT_EMPTY " + OTHER);
        assertThat(stores).isEmpty();

        replace(GFN);
        replace(OTHER);

        assertThat(rig.state(GFN)).isEqualTo(PageState.SWAPPED);
        assertThat(rig.state(OTHER)).isEqualTo(PageState.SWAPPED);
        assertThat(rig.seen.discards).contains(new PageName(GFN, 77));
        assertThat(rig.vm.framesInUse()).isZero();
    }

    @Test
    void aPageThatIsBeingWrittenOutMayBeReplaced() {
        rig.writeFault(0, GFN);
        rig.startWriteOut(GFN);

        replace(GFN);
        rig.vm.stored(rig.takeWriteOut(GFN), 1, rig.nowNs);

        assertThat(rig.state(GFN)).isEqualTo(PageState.SWAPPED);
        assertThat(rig.vm.framesInUse()).isZero();
    }

    @Test
    void aPoisonedPageIsWholeAgain() {
        rig.swapOut(GFN);
        rig.fault(0, GFN);
        rig.lost(GFN, FailReason.PAGE_ABSENT);

        replace(GFN);

        assertThat(rig.state(GFN)).isEqualTo(PageState.SWAPPED);
    }

    @Test
    void aPageThatSomebodyWaitsForIsNotReplacedUnderThem() {
        rig.swapOut(GFN);
        rig.fault(0, GFN);
        rig.vm.importPage(page(GFN, true), rig.nowNs);

        assertThat(ends).containsExactly("IN_USE " + GFN);
    }

    @Test
    void aPageThatAFaultHoldsInItsFrameIsNotReplaced() {
        rig.enable(0);
        rig.swapOut(GFN);
        rig.fault(0, GFN);
        rig.data(GFN);
        rig.vm.importPage(page(GFN, true), rig.nowNs);

        assertThat(ends).containsExactly("IN_USE " + GFN);
    }

    @Test
    void anUnavailableStoreIsRepeatedUntilItsDeadlineAndTheNameStays() {
        PageImport page = begin(GFN);
        long version = page.version();
        rig.vm.importUnavailable(page, rig.nowNs);
        assertThat(stores).hasSize(1);
        rig.advance(2 * MS);
        assertThat(stores).containsExactly(page, page);
        assertThat(page.version()).isEqualTo(version);

        rig.advance(DEADLINE_NS);
        rig.vm.importUnavailable(page, rig.nowNs);

        assertThat(ends).containsExactly("UNAVAILABLE " + GFN);
        assertThat(rig.state(GFN)).isEqualTo(PageState.ZERO);
        assertThat(rig.seen.discards).containsExactly(new PageName(GFN, version));
    }

    @Test
    void aStoreIsAnsweredOnce() {
        PageImport page = begin(GFN);
        rig.vm.importStored(page, rig.nowNs);

        assertThatIllegalStateException().isThrownBy(() -> rig.vm.importStored(page, rig.nowNs));
    }

    @Test
    void aMemslotThatIsDeletedTakesNoPageAlsoIfItComesAgain() {
        PageImport page = begin(READ_ONLY);
        rig.vm.setMemslot(new Memslot(1, READ_ONLY, 0, false), rig.nowNs);
        rig.vm.setMemslot(new Memslot(1, READ_ONLY, 0x100, true), rig.nowNs);

        rig.vm.importStored(page, rig.nowNs);

        assertThat(ends).containsExactly("NO_MEMSLOT " + READ_ONLY);
        assertThat(rig.state(READ_ONLY)).isEqualTo(PageState.ZERO);
        assertThat(rig.seen.discards).containsExactly(new PageName(READ_ONLY, page.version()));
    }

    @Test
    void theEndOfTheVmEndsEveryImport() {
        begin(GFN);
        PageImport retrying = begin(OTHER);
        rig.vm.importUnavailable(retrying, rig.nowNs);

        rig.vm.close(rig.nowNs);

        assertThat(ends).containsExactlyInAnyOrder("VM_GONE " + GFN, "VM_GONE " + OTHER);
    }

    @Test
    void aDuplicateWaitsForTheFirstPagesCopyAndSharesIt() {
        PageImport first = begin(GFN);
        duplicate(OTHER, first);
        assertThat(ends).isEmpty();

        rig.vm.importStored(first, rig.nowNs);

        assertThat(ends).containsExactly("imported " + GFN, "imported " + OTHER);
        assertThat(stores).containsExactly(first);
        rig.fault(0, OTHER);
        assertThat(rig.seen.fetches).containsValue(new PageName(GFN, first.version()));
        assertThat(rig.vm.counters().pagesImportedDuplicate()).isEqualTo(1);
    }

    @Test
    void aSharedCopyIsDiscardedByTheLastPageThatLetsGo() {
        PageImport first = begin(GFN);
        rig.vm.importStored(first, rig.nowNs);
        duplicate(OTHER, first);
        duplicate(OTHER + 1, first);

        write(GFN);
        write(OTHER + 1);
        assertThat(rig.seen.discards).isEmpty();
        write(OTHER);

        assertThat(rig.seen.discards).containsExactly(new PageName(GFN, first.version()));
    }

    @Test
    void aDuplicateOfAPageThatWasWrittenSinceIsStoredItself() {
        PageImport first = begin(GFN);
        rig.vm.importStored(first, rig.nowNs);
        write(GFN);
        assertThat(rig.seen.discards).containsExactly(new PageName(GFN, first.version()));

        duplicate(OTHER, first);

        assertThat(stores).hasSize(2);
        rig.vm.importStored(stores.getLast(), rig.nowNs);
        rig.fault(0, OTHER);
        assertThat(rig.seen.fetches)
                .containsValue(new PageName(OTHER, stores.getLast().version()));
    }

    @Test
    void duplicatesOutliveAFirstPageThatWasTakenBack() {
        PageImport first = begin(GFN);
        duplicate(OTHER, first);
        rig.writeFault(0, GFN);

        rig.vm.importStored(first, rig.nowNs);

        assertThat(ends).containsExactly("NOT_EMPTY " + GFN, "imported " + OTHER);
        assertThat(rig.seen.discards).isEmpty();
        rig.fault(0, OTHER);
        assertThat(rig.seen.fetches).containsValue(new PageName(GFN, first.version()));
    }

    @Test
    void aPageMayTakeTheCopyThatItHasAlready() {
        PageImport first = begin(GFN);
        rig.vm.importStored(first, rig.nowNs);

        rig.vm.importDuplicate(page(GFN, true), GFN, first.version(), rig.nowNs);

        assertThat(rig.seen.discards).isEmpty();
        rig.fault(0, GFN);
        assertThat(rig.seen.fetches).containsValue(new PageName(GFN, first.version()));
    }

    private PageImport page(long gfn, boolean replaces) {
        return new PageImport(gfn, replaces, CRC, 0, this);
    }

    private PageImport begin(long gfn) {
        PageImport page = page(gfn, false);
        rig.vm.importPage(page, rig.nowNs);
        return page;
    }

    private void replace(long gfn) {
        PageImport page = page(gfn, true);
        rig.vm.importPage(page, rig.nowNs);
        rig.vm.importStored(page, rig.nowNs);
    }

    private void duplicate(long gfn, PageImport same) {
        rig.vm.importDuplicate(page(gfn, false), same.gfn(), same.version(), rig.nowNs);
    }

    private void write(long gfn) {
        rig.writeFault(0, gfn);
        rig.data(rig.seen.fetches.values().iterator().next().gfn());
    }
}
