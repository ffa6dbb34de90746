// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance;

import com.google.protobuf.ByteString;
import io.faultline.proto.pager.v1.PageReply;
import io.faultline.proto.pager.v1.PageReplyBatch;
import io.faultline.proto.pager.v1.PageReplyKind;
import io.faultline.proto.pager.v1.PageRequest;
import io.faultline.proto.pager.v1.PageRequestBatch;
import io.faultline.proto.pager.v1.Tier;
import java.util.stream.Stream;

/** Bugs that look as if pager-service had them. */
final class PagerBugs {
    private PagerBugs() {}

    static Stream<Bug> all() {
        return Stream.of(
                Bug.of(
                        "a page that is lost reads as zeros",
                        taps -> kind(taps, PageReplyKind.PAGE_REPLY_KIND_ABSENT, PageReplyKind.PAGE_REPLY_KIND_ZERO),
                        "P3",
                        "P6",
                        "P9"),
                Bug.of(
                        "a page that does not match its checksum is stored",
                        taps -> kind(taps, PageReplyKind.PAGE_REPLY_KIND_CORRUPT, PageReplyKind.PAGE_REPLY_KIND_STORED),
                        "P4",
                        "P5"),
                Bug.of("all versions of a page are one", PagerBugs::ignoreVersions, "P3", "P5"),
                Bug.of("a page comes back with a bit turned", PagerBugs::turnABit, "P1", "P5"));
    }

    private static void kind(Taps taps, PageReplyKind right, PageReplyKind wrong) {
        taps.replies = (batch, next) -> {
            PageReplyBatch.Builder changed = batch.toBuilder();
            for (PageReply.Builder reply : changed.getRepliesBuilderList()) {
                if (reply.getKind() == right) {
                    reply.setKind(wrong).setTier(Tier.TIER_SWAP_STORE);
                }
            }
            next.accept(changed.build());
        };
    }

    private static void ignoreVersions(Taps taps) {
        taps.requests = (batch, next) -> {
            PageRequestBatch.Builder changed = batch.toBuilder();
            changed.getRequestsBuilderList().forEach((PageRequest.Builder request) -> request.setVersion(1));
            next.accept(changed.build());
        };
    }

    private static void turnABit(Taps taps) {
        taps.replies = (batch, next) -> {
            byte[] pages = batch.getPages().toByteArray();
            if (pages.length > 0) {
                pages[0] ^= 1;
            }
            next.accept(batch.toBuilder().setPages(ByteString.copyFrom(pages)).build());
        };
    }
}
