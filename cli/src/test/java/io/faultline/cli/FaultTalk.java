// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import com.google.protobuf.ByteString;
import io.faultline.proto.vcpu.v1.Access;
import io.faultline.proto.vcpu.v1.FailReason;
import io.faultline.proto.vcpu.v1.Fault;
import io.faultline.proto.vcpu.v1.FaultBatch;
import io.faultline.proto.vcpu.v1.FaultServiceGrpc;
import io.faultline.proto.vcpu.v1.Outcome;
import io.faultline.proto.vcpu.v1.OutcomeBatch;
import io.faultline.proto.vcpu.v1.OutcomeKind;
import io.faultline.proto.vcpu.v1.Privilege;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A Raise stream that reads, and counts its faults' ends. Any thread. */
final class FaultTalk {
    private static final int BATCH = 1024;

    private final Map<OutcomeKind, Integer> outcomes = new EnumMap<>(OutcomeKind.class);
    private final Map<FailReason, Integer> failures = new EnumMap<>(FailReason.class);
    private final StreamObserver<FaultBatch> faults;
    private final long vmId;
    private @Nullable Status status;
    private String lastDetail = "";

    FaultTalk(Channel channel, long vmId) {
        this.vmId = vmId;
        faults = FaultServiceGrpc.newStub(channel).raise(new Outcomes());
    }

    /** Writes a page's number into each of these pages, in turn by so many vCPUs. */
    void write(int firstPage, int pages, int vcpus) {
        for (int from = firstPage; from < firstPage + pages; from += BATCH) {
            FaultBatch.Builder batch = FaultBatch.newBuilder();
            for (int page = from; page < Math.min(from + BATCH, firstPage + pages); page++) {
                batch.addFaults(fault(vmId, page)
                        .setVcpuId(page % vcpus)
                        .setAccess(Access.ACCESS_WRITE)
                        .setStore(content(page)));
            }
            faults.onNext(batch.build());
        }
    }

    /** Reads the beginning of a page. */
    void read(int page) {
        faults.onNext(FaultBatch.newBuilder().addFaults(fault(vmId, page)).build());
    }

    /** A user's read of the first 64 bytes of a page by vCPU 0. */
    static Fault.Builder fault(long vmId, int page) {
        return Fault.newBuilder()
                .setSequence(page)
                .setVmId(vmId)
                .setIpa((long) page * PageTalk.PAGE)
                .setAccess(Access.ACCESS_READ)
                .setPrivilege(Privilege.PRIVILEGE_USER)
                .setLoadBytes(64);
    }

    /** What {@link #write} leaves in a page. */
    static ByteString content(int page) {
        return ByteString.copyFrom(ByteBuffer.allocate(8).putLong(0, page + 1L));
    }

    /** How many faults ended this way. */
    synchronized int ended(OutcomeKind kind) {
        return outcomes.getOrDefault(kind, 0);
    }

    /** How many faults failed for a reason. */
    synchronized int failed(FailReason reason) {
        return failures.getOrDefault(reason, 0);
    }

    /** What was said of the last fault that failed. */
    synchronized String lastDetail() {
        return lastDetail;
    }

    /** Whether the service ended the stream. */
    synchronized boolean hasEnded() {
        return status != null;
    }

    /** How it did. */
    synchronized Status status() {
        return Objects.requireNonNull(status, "the stream stands");
    }

    void end() {
        faults.onCompleted();
    }

    private final class Outcomes implements StreamObserver<OutcomeBatch> {
        @Override
        public void onNext(OutcomeBatch batch) {
            synchronized (FaultTalk.this) {
                for (Outcome outcome : batch.getOutcomesList()) {
                    outcomes.merge(outcome.getKind(), 1, Integer::sum);
                    if (outcome.getKind() == OutcomeKind.OUTCOME_KIND_FAILED) {
                        failures.merge(outcome.getFailReason(), 1, Integer::sum);
                        lastDetail = outcome.getDetail();
                    }
                }
            }
        }

        @Override
        public void onError(Throwable error) {
            synchronized (FaultTalk.this) {
                status = Status.fromThrowable(error);
            }
        }

        @Override
        public void onCompleted() {
            synchronized (FaultTalk.this) {
                status = Status.OK;
            }
        }
    }
}
