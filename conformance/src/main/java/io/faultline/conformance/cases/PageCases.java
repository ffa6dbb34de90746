// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance.cases;

import com.google.protobuf.ByteString;
import io.faultline.conformance.Case;
import io.faultline.conformance.driver.Check;
import io.faultline.conformance.driver.Deployment;
import io.faultline.conformance.driver.Fault;
import io.faultline.conformance.driver.Guest;
import io.faultline.conformance.driver.Machine;
import io.faultline.conformance.driver.NotOffered;
import io.faultline.conformance.driver.Pages;
import io.faultline.conformance.driver.Touch;
import io.faultline.proto.pager.v1.PageReplyKind;
import io.faultline.proto.vcpu.v1.FailReason;
import io.faultline.proto.vcpu.v1.OutcomeKind;

/** P: pages below their guests. The protocol takes them for granted; the wire contract does not. */
public final class PageCases {
    private static final String CONTRACT = "page_service";
    private static final int REFAULTS = 5;
    private static final int STRIDE = 3;
    private static final int PAGES_READ_AT_ONCE = 64;

    @Case(
            id = "P1",
            source = CONTRACT,
            holds = "A page that is stored is fetched as it was, however often either is repeated")
    public void aPageIsKept(Deployment deployment) {
        Pages pages = deployment.pages();

        for (int i = 0; i < 2; i++) {
            pages.stores(1, 1, Pages.page(7));
            Pages.Answer answer = pages.fetch(1, 1);
            Check.equal("FETCH", PageReplyKind.PAGE_REPLY_KIND_DATA, answer.kind());
            Check.that("the page's bytes", answer.bytes().equals(Pages.page(7)), "others");
        }
    }

    @Case(id = "P2", source = CONTRACT, holds = "A page of zeros is fetched as zeros")
    public void aPageOfZeros(Deployment deployment) {
        Pages pages = deployment.pages();

        pages.stores(1, 1, Pages.page(0));

        Pages.Answer answer = pages.fetch(1, 1);
        Check.that(
                "DATA or ZERO",
                answer.kind() == PageReplyKind.PAGE_REPLY_KIND_DATA
                        || answer.kind() == PageReplyKind.PAGE_REPLY_KIND_ZERO,
                answer.kind());
        Check.that("zeros", answer.bytes().equals(Pages.page(0)), "other bytes");
    }

    @Case(id = "P3", source = CONTRACT, holds = "A page that was never stored is ABSENT")
    public void anUnknownPage(Deployment deployment) {
        Pages pages = deployment.pages();
        pages.stores(1, 1, Pages.page(7));

        Check.equal(
                "FETCH of another gfn",
                PageReplyKind.PAGE_REPLY_KIND_ABSENT,
                pages.fetch(2, 1).kind());
        Check.equal(
                "FETCH of another version",
                PageReplyKind.PAGE_REPLY_KIND_ABSENT,
                pages.fetch(1, 2).kind());
    }

    @Case(id = "P4", source = CONTRACT, holds = "A page that does not match its checksum is not stored")
    public void aPageThatWasGarbled(Deployment deployment) {
        Pages pages = deployment.pages();
        ByteString page = Pages.page(7);

        Check.equal(
                "STORE with another page's checksum",
                PageReplyKind.PAGE_REPLY_KIND_CORRUPT,
                pages.store(1, 1, page, Pages.crc32c(Pages.page(8))));
        Check.equal(
                "FETCH", PageReplyKind.PAGE_REPLY_KIND_ABSENT, pages.fetch(1, 1).kind());
    }

    @Case(id = "P5", source = CONTRACT, holds = "Two versions of a page are two pages, and a page never changes")
    public void versionsArePages(Deployment deployment) {
        Pages pages = deployment.pages();
        pages.stores(1, 1, Pages.page(7));
        pages.stores(1, 2, Pages.page(8));

        Check.equal(
                "STORE of other bytes under a name that is taken",
                PageReplyKind.PAGE_REPLY_KIND_CORRUPT,
                pages.store(1, 1, Pages.page(9), Pages.crc32c(Pages.page(9))));

        Check.that("version 1 as it was", pages.fetch(1, 1).bytes().equals(Pages.page(7)), "other bytes");
        Check.that("version 2 as it was", pages.fetch(1, 2).bytes().equals(Pages.page(8)), "other bytes");
    }

    @Case(id = "P6", source = CONTRACT, holds = "DropVm forgets a VM's pages, and no other's")
    public void dropping(Deployment deployment) {
        Pages pages = deployment.pages();
        Pages others = deployment.pages();
        pages.stores(1, 1, Pages.page(7));
        others.stores(1, 1, Pages.page(8));

        pages.drops();

        Check.equal(
                "FETCH", PageReplyKind.PAGE_REPLY_KIND_ABSENT, pages.fetch(1, 1).kind());
        Check.that("the other VM's page", others.fetch(1, 1).bytes().equals(Pages.page(8)), "other bytes");
    }

    @Case(
            id = "P7",
            source = CONTRACT,
            holds = "A malformed batch ends its own stream with INVALID_ARGUMENT and no other")
    public void aMalformedBatch(Deployment deployment) {
        Pages pages = deployment.pages();
        pages.stores(1, 1, Pages.page(7));

        pages.another().isRefusedAnEmptyBatch();

        Check.equal(
                "FETCH", PageReplyKind.PAGE_REPLY_KIND_DATA, pages.fetch(1, 1).kind());
    }

    @Case(
            id = "P8",
            source = "fault_service",
            holds = "Memory that went out and came back is what was written, for tasks and for the host")
    public void memoryIsKept(Deployment deployment) {
        Machine vm = deployment.machine(0);

        for (int page = 0; page < Machine.PAGES; page += STRIDE) {
            vm.touches(0, page, page % 2 == 0 ? Touch.READ : Touch.WRITE).isMapped();
        }

        for (int page = 0; page < Machine.PAGES; page += PAGES_READ_AT_ONCE) {
            Check.that(
                    "pages from " + page + " as they were written",
                    vm.read(page, PAGES_READ_AT_ONCE).equals(vm.written(page, PAGES_READ_AT_ONCE)),
                    "other bytes");
        }
    }

    @Case(
            id = "P9",
            source = "I23 fault_service",
            holds = "A page that is lost fails its accesses, never reads as zeros; its task is woken")
    public void aLostPage(Deployment deployment) {
        Machine vm = deployment.machine(0);
        Guest guest = vm.guestWithFaultsOn(0);
        deployment.pages().drop(vm.vmId());

        Fault lost = vm.goesAsync(0);
        vm.parksAndWakes(guest, lost);
        if (lost.end().getKind() == OutcomeKind.OUTCOME_KIND_RESOLVED) {
            throw new NotOffered("the pages of this VM are at another pager than --pager: none was lost");
        }
        lost.fails(FailReason.FAIL_REASON_PAGE_ABSENT);

        for (int i = 0; i < REFAULTS; i++) {
            vm.touches(0, lost.page(), Touch.READ).fails(FailReason.FAIL_REASON_PAGE_ABSENT);
        }
        guest.hearsNothing();
    }
}
