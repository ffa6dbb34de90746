// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.page;

import com.google.protobuf.WireFormat;
import io.faultline.proto.pager.v1.PageReply;
import io.faultline.proto.pager.v1.PageReplyBatch;
import io.faultline.proto.pager.v1.PageRequest;
import io.faultline.proto.pager.v1.PageRequestBatch;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** What both directions of the codec share: tags, sizes and the one way to refuse a batch. */
final class PageWire {
    private static final int TAG_SHIFT = 3;

    /** The tag of a batch's repeated descriptors; both kinds of batch have them in the same field. */
    static final int DESCRIPTOR_TAG =
            PageRequestBatch.REQUESTS_FIELD_NUMBER << TAG_SHIFT | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    /** The tag of a batch's block of page bytes. */
    static final int PAGES_TAG =
            PageRequestBatch.PAGES_FIELD_NUMBER << TAG_SHIFT | WireFormat.WIRETYPE_LENGTH_DELIMITED;

    static {
        if (PageReplyBatch.REPLIES_FIELD_NUMBER != PageRequestBatch.REQUESTS_FIELD_NUMBER
                || PageReplyBatch.PAGES_FIELD_NUMBER != PageRequestBatch.PAGES_FIELD_NUMBER) {
            throw new AssertionError("the two kinds of page batch number their fields differently");
        }
    }

    private PageWire() {}

    /** The tags of {@link PageRequest}, whose fields these are. */
    static final class RequestTag {
        static final int REQUEST_ID = (PageRequest.REQUEST_ID_FIELD_NUMBER << TAG_SHIFT) | WireFormat.WIRETYPE_VARINT;
        static final int OPERATION = (PageRequest.OPERATION_FIELD_NUMBER << TAG_SHIFT) | WireFormat.WIRETYPE_VARINT;
        static final int VM_ID = (PageRequest.VM_ID_FIELD_NUMBER << TAG_SHIFT) | WireFormat.WIRETYPE_VARINT;
        static final int GFN = (PageRequest.GFN_FIELD_NUMBER << TAG_SHIFT) | WireFormat.WIRETYPE_VARINT;
        static final int VERSION = (PageRequest.VERSION_FIELD_NUMBER << TAG_SHIFT) | WireFormat.WIRETYPE_VARINT;
        static final int SIZE_BYTES = (PageRequest.SIZE_BYTES_FIELD_NUMBER << TAG_SHIFT) | WireFormat.WIRETYPE_VARINT;
        static final int CRC32C = (PageRequest.CRC32C_FIELD_NUMBER << TAG_SHIFT) | WireFormat.WIRETYPE_FIXED32;
        static final int TRACE = (PageRequest.TRACE_FIELD_NUMBER << TAG_SHIFT) | WireFormat.WIRETYPE_LENGTH_DELIMITED;

        private RequestTag() {}
    }

    /** The tags of {@link PageReply}, whose fields these are. */
    static final class ReplyTag {
        static final int REQUEST_ID = (PageReply.REQUEST_ID_FIELD_NUMBER << TAG_SHIFT) | WireFormat.WIRETYPE_VARINT;
        static final int KIND = (PageReply.KIND_FIELD_NUMBER << TAG_SHIFT) | WireFormat.WIRETYPE_VARINT;
        static final int TIER = (PageReply.TIER_FIELD_NUMBER << TAG_SHIFT) | WireFormat.WIRETYPE_VARINT;
        static final int SIZE_BYTES = (PageReply.SIZE_BYTES_FIELD_NUMBER << TAG_SHIFT) | WireFormat.WIRETYPE_VARINT;
        static final int CRC32C = (PageReply.CRC32C_FIELD_NUMBER << TAG_SHIFT) | WireFormat.WIRETYPE_FIXED32;

        private ReplyTag() {}
    }

    static boolean isPageSize(int bytes) {
        return bytes == 4096 || bytes == 16384 || bytes == 65536;
    }

    static StatusRuntimeException refusal(String message) {
        return Status.INVALID_ARGUMENT.withDescription(message).asRuntimeException();
    }
}
