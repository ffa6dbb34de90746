// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import static io.faultline.vcpu.app.grpc.Cluster.PAGE;

import com.google.protobuf.ByteString;
import io.faultline.proto.vcpu.v1.ImportMemoryBegin;
import io.faultline.proto.vcpu.v1.ImportMemoryRequest;
import io.faultline.proto.vcpu.v1.ImportMemoryResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One client's import. */
final class Upload implements StreamObserver<ImportMemoryResponse> {
    final CompletableFuture<ImportMemoryResponse> response = new CompletableFuture<>();
    private final long vmId;
    private final StreamObserver<ImportMemoryRequest> requests;

    /** Opens the call; {@link #begin} says of what. */
    Upload(Cluster cluster, long vmId) {
        this.vmId = vmId;
        requests = cluster.asyncVms().importMemory(this);
    }

    void begin(long length, boolean replace) {
        requests.onNext(ImportMemoryRequest.newBuilder()
                .setBegin(ImportMemoryBegin.newBuilder()
                        .setVmId(vmId)
                        .setImageBytes(length)
                        .setReplace(replace))
                .build());
    }

    void send(byte[] image, int page, int pages) {
        requests.onNext(ImportMemoryRequest.newBuilder()
                .setPages(ByteString.copyFrom(image, page * PAGE, pages * PAGE))
                .build());
    }

    void sendBytes(byte[] bytes) {
        requests.onNext(ImportMemoryRequest.newBuilder()
                .setPages(ByteString.copyFrom(bytes))
                .build());
    }

    void complete() {
        requests.onCompleted();
    }

    void cancel() {
        requests.onError(Status.CANCELLED.asRuntimeException());
    }

    ImportMemoryResponse await() throws Exception {
        return response.get(20, TimeUnit.SECONDS);
    }

    @Override
    public void onNext(ImportMemoryResponse answer) {
        response.complete(answer);
    }

    @Override
    public void onError(Throwable failure) {
        response.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {}
}
