// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.faultline.proto.vcpu.v1.ImportMemoryBegin;
import io.faultline.proto.vcpu.v1.ImportMemoryRequest;
import io.faultline.proto.vcpu.v1.ImportMemoryResponse;
import io.faultline.proto.vcpu.v1.VmServiceGrpc;
import io.grpc.Channel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One image on its way from a file to vcpu-service, read as fast as the service takes it. The callbacks, and with them the
 * reading, run on the channel's loop, which has nothing else to do; what is said of progress may be asked from any thread.
 */
final class ImageUpload implements ClientResponseObserver<ImportMemoryRequest, ImportMemoryResponse> {
    private static final int CHUNK_BYTES = 1 << 20;

    private final FileChannel image;
    private final ImportMemoryBegin begin;
    private final CompletableFuture<ImportMemoryResponse> end = new CompletableFuture<>();
    private @Nullable ClientCallStreamObserver<ImportMemoryRequest> call;
    private boolean isComplete;
    private volatile long sentBytes;
    private volatile boolean isConnected;

    private ImageUpload(FileChannel image, ImportMemoryBegin begin) {
        this.image = image;
        this.begin = begin;
    }

    /** Begins to send an image; {@code begin} says its length. */
    static ImageUpload start(Channel channel, FileChannel image, ImportMemoryBegin begin) {
        ImageUpload upload = new ImageUpload(image, begin);
        VmServiceGrpc.newStub(channel).importMemory(upload);
        return upload;
    }

    /** What the service answers; fails with a StatusRuntimeException, or an IOException of the file. */
    CompletableFuture<ImportMemoryResponse> end() {
        return end;
    }

    /** Bytes handed to the connection. */
    long sentBytes() {
        return sentBytes;
    }

    /** Whether the service was reached. */
    boolean isConnected() {
        return isConnected;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<ImportMemoryRequest> requests) {
        call = requests;
        requests.setOnReadyHandler(() -> pump(requests));
    }

    private void pump(ClientCallStreamObserver<ImportMemoryRequest> requests) {
        if (!isConnected) {
            isConnected = true;
            requests.onNext(ImportMemoryRequest.newBuilder().setBegin(begin).build());
        }
        try {
            while (!isComplete && requests.isReady()) {
                send(requests);
            }
        } catch (IOException e) {
            isComplete = true;
            end.completeExceptionally(e);
            requests.cancel("the image cannot be read", e);
        }
    }

    private void send(ClientCallStreamObserver<ImportMemoryRequest> requests) throws IOException {
        if (sentBytes == begin.getImageBytes()) {
            isComplete = true;
            requests.onCompleted();
            return;
        }
        ByteString chunk = read((int) Math.min(CHUNK_BYTES, begin.getImageBytes() - sentBytes));
        requests.onNext(ImportMemoryRequest.newBuilder().setPages(chunk).build());
        long sent = sentBytes + chunk.size();
        sentBytes = sent;
    }

    private ByteString read(int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (image.read(bytes) < 0) {
                throw new IOException("it became shorter while it was read");
            }
        }
        return UnsafeByteOperations.unsafeWrap(bytes.flip());
    }

    /** Gives the import up: what is not in the tiers yet stays as it was. */
    void cancel() {
        ClientCallStreamObserver<ImportMemoryRequest> running = call;
        if (running != null) {
            running.cancel("given up", null);
        }
    }

    @Override
    public void onNext(ImportMemoryResponse response) {
        end.complete(response);
    }

    @Override
    public void onError(Throwable failure) {
        isComplete = true;
        end.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
        end.completeExceptionally(new IOException("the service ended the call without an answer"));
    }
}
