// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance.driver;

import com.google.protobuf.ByteString;
import io.faultline.proto.pager.v1.DropVmRequest;
import io.faultline.proto.pager.v1.PageOperation;
import io.faultline.proto.pager.v1.PageReply;
import io.faultline.proto.pager.v1.PageReplyBatch;
import io.faultline.proto.pager.v1.PageReplyKind;
import io.faultline.proto.pager.v1.PageRequest;
import io.faultline.proto.pager.v1.PageRequestBatch;
import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;

/** A client of pager-service, in vcpu-service's place, for the pages of one VM id. Used by the case's thread. */
public final class Pages {
    /** A page's size, in bytes. */
    public static final int PAGE_BYTES = 4_096;

    private final Deployment deployment;
    private final Conversation conversation;
    private final long vmId;
    /** Guarded by the conversation. */
    private final Map<Long, Answer> answers = new HashMap<>();

    private final Talk<PageReplyBatch> talk;
    private final StreamObserver<PageRequestBatch> requests;
    private long lastRequest;

    /** What came of a request, and with DATA the page. */
    public record Answer(PageReplyKind kind, ByteString page) {
        /** The page that was fetched: its bytes, or zeros. */
        public ByteString bytes() {
            return kind == PageReplyKind.PAGE_REPLY_KIND_ZERO ? ByteString.copyFrom(new byte[PAGE_BYTES]) : page;
        }
    }

    Pages(Deployment deployment, long vmId) {
        this.deployment = deployment;
        this.conversation = deployment.conversation();
        this.vmId = vmId;
        talk = new Talk<>(conversation, "Exchange", this::hear);
        requests = PageServiceGrpc.newStub(deployment.endpoints().pager()).exchange(talk);
        deployment.began(this::leave);
    }

    /** A page full of one byte. */
    public static ByteString page(int filling) {
        byte[] bytes = new byte[PAGE_BYTES];
        Arrays.fill(bytes, (byte) filling);
        return ByteString.copyFrom(bytes);
    }

    /** Stores a page, and it is stored. */
    public void stores(long gfn, long version, ByteString page) {
        Check.equal(
                "STORE of page " + gfn + ", version " + version,
                PageReplyKind.PAGE_REPLY_KIND_STORED,
                store(gfn, version, page, crc32c(page)));
    }

    /** What comes of storing a page with this checksum. */
    public PageReplyKind store(long gfn, long version, ByteString page, int crc32c) {
        PageRequest.Builder store = request(PageOperation.PAGE_OPERATION_STORE, gfn, version)
                .setSizeBytes(page.size())
                .setCrc32C(crc32c);
        return ask(store, page).kind();
    }

    /** What comes of fetching a page. */
    public Answer fetch(long gfn, long version) {
        PageRequest.Builder fetch =
                request(PageOperation.PAGE_OPERATION_FETCH, gfn, version).setSizeBytes(PAGE_BYTES);
        return ask(fetch, ByteString.EMPTY);
    }

    /** A batch that breaks the contract ends this stream, with INVALID_ARGUMENT. */
    public void isRefusedAnEmptyBatch() {
        requests.onNext(PageRequestBatch.getDefaultInstance());
        Status end = conversation.await("the end of the Exchange stream", talk::end);
        Check.equal("the Exchange stream's end", Status.Code.INVALID_ARGUMENT, end.getCode());
    }

    /** Another connection, for the same pages. */
    public Pages another() {
        return new Pages(deployment, vmId);
    }

    /** Forgets every page. */
    public void drops() {
        drop(vmId);
    }

    /** Forgets every page of a VM. */
    public void drop(long droppedVmId) {
        conversation.said("pages: DropVm of VM " + droppedVmId);
        var _ = PageServiceGrpc.newBlockingStub(deployment.endpoints().pager())
                .withDeadlineAfter(conversation.leftMs(), TimeUnit.MILLISECONDS)
                .dropVm(DropVmRequest.newBuilder().setVmId(droppedVmId).build());
    }

    /** A page's checksum. */
    public static int crc32c(ByteString page) {
        CRC32C crc = new CRC32C();
        crc.update(page.asReadOnlyByteBuffer());
        return (int) crc.getValue();
    }

    private PageRequest.Builder request(PageOperation operation, long gfn, long version) {
        return PageRequest.newBuilder()
                .setRequestId(++lastRequest)
                .setOperation(operation)
                .setVmId(vmId)
                .setGfn(gfn)
                .setVersion(version);
    }

    private Answer ask(PageRequest.Builder request, ByteString page) {
        long id = request.getRequestId();
        String words = request.getOperation() + " of page " + request.getGfn() + ", version " + request.getVersion();
        conversation.said("pages: " + words);
        requests.onNext(PageRequestBatch.newBuilder()
                .addRequests(request)
                .setPages(page)
                .build());
        return conversation.await("an answer to " + words, () -> {
            Answer answer = answers.remove(id);
            if (answer == null) {
                talk.requireOpen("an answer to " + words);
            }
            return answer;
        });
    }

    private void hear(PageReplyBatch batch) {
        int at = 0;
        for (PageReply reply : batch.getRepliesList()) {
            int size = reply.getKind() == PageReplyKind.PAGE_REPLY_KIND_DATA ? reply.getSizeBytes() : 0;
            ByteString page = batch.getPages().substring(at, at + size);
            at += size;
            if (size > 0 && crc32c(page) != reply.getCrc32C()) {
                conversation.broken("a page that matches the checksum it comes with", "one that does not");
            }
            conversation.heard(
                    "  pager: " + reply.getKind() + ", " + size + " bytes",
                    () -> answers.put(reply.getRequestId(), new Answer(reply.getKind(), page)));
        }
    }

    private void leave() {
        if (conversation.now(() -> talk.end() == null)) {
            drops();
            requests.onCompleted();
        }
    }
}
