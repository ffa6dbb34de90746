// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import com.google.protobuf.ByteString;
import io.faultline.proto.pager.v1.DropVmRequest;
import io.faultline.proto.pager.v1.DropVmResponse;
import io.faultline.proto.pager.v1.PageOperation;
import io.faultline.proto.pager.v1.PageReply;
import io.faultline.proto.pager.v1.PageReplyBatch;
import io.faultline.proto.pager.v1.PageReplyKind;
import io.faultline.proto.pager.v1.PageRequest;
import io.faultline.proto.pager.v1.PageRequestBatch;
import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.faultline.proto.pager.v1.SetVmQuotaRequest;
import io.faultline.proto.pager.v1.SetVmQuotaResponse;
import io.faultline.proto.pager.v1.Tier;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** A pager that keeps pages in a map, speaks generated protobuf, and can be told to be slow or to lie. Any thread. */
final class FakePager extends PageServiceGrpc.PageServiceImplBase {
    private final Map<Name, ByteString> pages;
    private final Map<Name, Integer> crcs;
    private final List<Runnable> held = new ArrayList<>();
    private final List<Long> drops = new ArrayList<>();
    private final Map<Long, SetVmQuotaRequest> quotas = new HashMap<>();
    private int quotasToFail;
    private boolean holding;
    private PageReplyKind fetchAnswer = PageReplyKind.PAGE_REPLY_KIND_DATA;
    private int fetches;
    private int tracedFetches;
    private final List<Long> hintedGfns = new ArrayList<>();
    private final Set<Name> hinted = new HashSet<>();
    private boolean followsHints;
    private int hintsOfNothing;
    private int dropsToFail;
    private int corruptedOnTheWay;
    private int storesLeft = Integer.MAX_VALUE;
    private final List<Runnable> heldStores = new ArrayList<>();
    private boolean holdingStores;
    private int storesHeldMost;

    /** A pager with a swap store of its own. */
    FakePager() {
        this(new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
    }

    private FakePager(Map<Name, ByteString> pages, Map<Name, Integer> crcs) {
        this.pages = pages;
        this.crcs = crcs;
    }

    /** Another pager on the same swap store. */
    FakePager sharing() {
        return new FakePager(pages, crcs);
    }

    /** From now on, fetches are not answered before {@link #release}. */
    synchronized void hold() {
        holding = true;
    }

    /** Answers what was held, and everything from now on. */
    synchronized void release() {
        holding = false;
        held.forEach(Runnable::run);
        held.clear();
    }

    /** As {@link #release}, but what was held is never answered. */
    synchronized void forgetHeld() {
        holding = false;
        held.clear();
    }

    /** Stores so many pages more, and answers UNAVAILABLE after that. */
    synchronized void storeAtMost(int pages) {
        storesLeft = pages;
    }

    /** Stores whatever comes. */
    synchronized void storeAll() {
        storesLeft = Integer.MAX_VALUE;
    }

    /** From now on, stores are not answered before {@link #releaseStores}. */
    synchronized void holdStores() {
        holdingStores = true;
    }

    /** Answers the stores that were held, and every one from now on. */
    synchronized void releaseStores() {
        holdingStores = false;
        heldStores.forEach(Runnable::run);
        heldStores.clear();
    }

    /** Stores that are held now. */
    synchronized int storesHeld() {
        return heldStores.size();
    }

    /** The most stores that were held at a time. */
    synchronized int storesHeldMost() {
        return storesHeldMost;
    }

    /** How fetches are answered from now on. */
    synchronized void answerFetches(PageReplyKind kind) {
        fetchAnswer = kind;
    }

    /** Fetches that came, those not answered included. */
    synchronized int fetches() {
        return fetches;
    }

    /** From now on a page that was hinted at comes from memory. */
    synchronized void followHints() {
        followsHints = true;
    }

    /** The pages hinted at, in the order in which the hints came. */
    synchronized List<Long> hintedGfns() {
        return List.copyOf(hintedGfns);
    }

    /** Hints for a page that was not stored under this name. */
    synchronized int hintsOfNothing() {
        return hintsOfNothing;
    }

    /** Of those, the ones that bore a trace. */
    synchronized int tracedFetches() {
        return tracedFetches;
    }

    /** Pages of a VM that are stored. */
    synchronized int pages(long vmId) {
        return (int) pages.keySet().stream().filter(name -> name.vmId == vmId).count();
    }

    /** Stores whose bytes did not match their checksum. */
    synchronized int corruptedOnTheWay() {
        return corruptedOnTheWay;
    }

    /** Flips a byte in every page of a VM, and keeps the checksums. */
    synchronized void corrupt(long vmId) {
        pages.replaceAll((name, bytes) -> {
            if (name.vmId != vmId) {
                return bytes;
            }
            byte[] changed = bytes.toByteArray();
            changed[changed.length - 1] ^= 1;
            return ByteString.copyFrom(changed);
        });
    }

    /** The next drops fail, so many. */
    synchronized void failDrops(int count) {
        dropsToFail = count;
    }

    /** The VMs that were dropped, in order. */
    synchronized List<Long> drops() {
        return List.copyOf(drops);
    }

    /** The next quotas are refused, so many. */
    synchronized void failQuotas(int count) {
        quotasToFail = count;
    }

    /** What it was told of a VM last; null since it was told to forget. */
    synchronized @Nullable SetVmQuotaRequest quota(long vmId) {
        return quotas.get(vmId);
    }

    /** As a restart does. */
    synchronized void forgetQuotas() {
        quotas.clear();
    }

    @Override
    public synchronized void setVmQuota(SetVmQuotaRequest request, StreamObserver<SetVmQuotaResponse> answer) {
        if (quotasToFail > 0) {
            quotasToFail--;
            answer.onError(Status.UNAVAILABLE
                    .withDescription("the VM is being dropped")
                    .asRuntimeException());
            return;
        }
        quotas.put(request.getVmId(), request);
        answer.onNext(SetVmQuotaResponse.getDefaultInstance());
        answer.onCompleted();
    }

    @Override
    public synchronized void dropVm(DropVmRequest request, StreamObserver<DropVmResponse> answer) {
        if (dropsToFail > 0) {
            dropsToFail--;
            answer.onError(
                    Status.UNAVAILABLE.withDescription("the swap store is away").asRuntimeException());
            return;
        }
        drops.add(request.getVmId());
        pages.keySet().removeIf(name -> name.vmId == request.getVmId());
        answer.onNext(DropVmResponse.getDefaultInstance());
        answer.onCompleted();
    }

    @Override
    public StreamObserver<PageRequestBatch> exchange(StreamObserver<PageReplyBatch> replies) {
        return new StreamObserver<>() {
            @Override
            public void onNext(PageRequestBatch batch) {
                take(batch, replies);
            }

            @Override
            public void onError(Throwable error) {}

            @Override
            public void onCompleted() {
                replies.onCompleted();
            }
        };
    }

    private synchronized void take(PageRequestBatch batch, StreamObserver<PageReplyBatch> replies) {
        PageReplyBatch.Builder answers = PageReplyBatch.newBuilder();
        int position = 0;
        for (PageRequest request : batch.getRequestsList()) {
            if (request.getOperation() == PageOperation.PAGE_OPERATION_STORE) {
                ByteString bytes = batch.getPages().substring(position, position + request.getSizeBytes());
                position += request.getSizeBytes();
                PageReply stored = store(request, bytes);
                if (holdingStores) {
                    heldStores.add(() -> replies.onNext(
                            PageReplyBatch.newBuilder().addReplies(stored).build()));
                    storesHeldMost = Math.max(storesHeldMost, heldStores.size());
                } else {
                    answers.addReplies(stored);
                }
            } else if (request.getOperation() == PageOperation.PAGE_OPERATION_FETCH) {
                fetches++;
                tracedFetches += request.hasTrace() ? 1 : 0;
                Runnable answer = () -> replies.onNext(fetch(request));
                if (holding) {
                    held.add(answer);
                } else {
                    answer.run();
                }
            } else if (request.getOperation() == PageOperation.PAGE_OPERATION_PREFETCH) {
                hintedGfns.add(request.getGfn());
                hinted.add(Name.of(request));
                hintsOfNothing += pages.containsKey(Name.of(request)) ? 0 : 1;
            }
        }
        if (position != batch.getPages().size()) {
            throw Status.INVALID_ARGUMENT.withDescription("pages: wrong length").asRuntimeException();
        }
        if (answers.getRepliesCount() > 0) {
            replies.onNext(answers.build());
        }
    }

    private PageReply store(PageRequest request, ByteString bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.asReadOnlyByteBuffer());
        boolean whole = (int) crc.getValue() == request.getCrc32C();
        if (whole && storesLeft == 0) {
            return PageReply.newBuilder()
                    .setRequestId(request.getRequestId())
                    .setKind(PageReplyKind.PAGE_REPLY_KIND_UNAVAILABLE)
                    .build();
        }
        if (whole) {
            storesLeft -= storesLeft == Integer.MAX_VALUE ? 0 : 1;
            pages.put(Name.of(request), bytes);
            crcs.put(Name.of(request), request.getCrc32C());
        } else {
            corruptedOnTheWay++;
        }
        return PageReply.newBuilder()
                .setRequestId(request.getRequestId())
                .setKind(whole ? PageReplyKind.PAGE_REPLY_KIND_STORED : PageReplyKind.PAGE_REPLY_KIND_CORRUPT)
                .build();
    }

    private PageReplyBatch fetch(PageRequest request) {
        ByteString page = pages.get(Name.of(request));
        PageReplyKind kind = page == null && fetchAnswer == PageReplyKind.PAGE_REPLY_KIND_DATA
                ? PageReplyKind.PAGE_REPLY_KIND_ABSENT
                : fetchAnswer;
        PageReply.Builder reply =
                PageReply.newBuilder().setRequestId(request.getRequestId()).setKind(kind);
        PageReplyBatch.Builder batch = PageReplyBatch.newBuilder();
        if (kind == PageReplyKind.PAGE_REPLY_KIND_DATA && page != null) {
            boolean isInMemory = followsHints && hinted.contains(Name.of(request));
            reply.setTier(isInMemory ? Tier.TIER_DRAM : Tier.TIER_SWAP_STORE)
                    .setSizeBytes(page.size())
                    .setCrc32C(crcs.getOrDefault(Name.of(request), 0));
            batch.setPages(page);
        }
        return batch.addReplies(reply).build();
    }

    /** A page's name. */
    private record Name(long vmId, long gfn, long version) {
        static Name of(PageRequest request) {
            return new Name(request.getVmId(), request.getGfn(), request.getVersion());
        }
    }
}
