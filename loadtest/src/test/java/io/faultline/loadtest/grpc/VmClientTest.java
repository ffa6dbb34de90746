// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.vcpu.v1.ConfigureAsyncPfResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class VmClientTest {
    private static final int VCPUS = 4096;
    private static final int ENABLE = 6;

    private final Queue<ClientCall.Listener<Object>> open = new ArrayDeque<>();
    private final List<Long> returned = new ArrayList<>();
    private final List<Status> failures = new ArrayList<>();
    private boolean gone;
    private int openMost;

    @Test
    void manyVcpusHypercallsAreMadeAFewAtATimeInTheirOrder() {
        hypercallOfEveryVcpu();

        for (long result = 0; !open.isEmpty(); result++) {
            ClientCall.Listener<Object> first = open.remove();
            first.onMessage(
                    ConfigureAsyncPfResponse.newBuilder().setResult(result).build());
            first.onClose(Status.OK, new Metadata());
        }

        assertThat(openMost).isEqualTo(VmClient.CALLS_IN_FLIGHT_MAX);
        assertThat(returned)
                .containsExactlyElementsOf(LongStream.range(0, VCPUS).boxed().toList());
    }

    @Test
    void eachHypercallOnAConnectionThatIsGoneFails() {
        gone = true;

        hypercallOfEveryVcpu();

        assertThat(failures).hasSize(VCPUS).allMatch(status -> status.getCode() == Status.Code.UNAVAILABLE);
    }

    @Test
    void eachHypercallUnderWayOrWaitingFailsWhenItsConnectionGoes() {
        hypercallOfEveryVcpu();
        gone = true;

        while (!open.isEmpty()) {
            open.remove().onClose(Status.UNAVAILABLE, new Metadata());
        }

        assertThat(failures).hasSize(VCPUS);
    }

    private void hypercallOfEveryVcpu() {
        VmClient client = new VmClient(new OpenCalls(), 1);
        for (int vcpu = 0; vcpu < VCPUS; vcpu++) {
            client.hypercall(vcpu, ENABLE, 0, returned::add, failures::add);
        }
    }

    /** A connection whose calls stay open until the test ends them. */
    private final class OpenCalls extends Channel {
        @Override
        public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
            return new OpenCall<>();
        }

        @Override
        public String authority() {
            return "host";
        }
    }

    private final class OpenCall<Q, R> extends ClientCall<Q, R> {
        @Override
        @SuppressWarnings("unchecked")
        public void start(Listener<R> listener, Metadata headers) {
            if (gone) {
                listener.onClose(Status.UNAVAILABLE, new Metadata());
            } else {
                open.add((Listener<Object>) listener);
                openMost = Math.max(openMost, open.size());
            }
        }

        @Override
        public void request(int messages) {}

        @Override
        public void cancel(@Nullable String message, @Nullable Throwable cause) {}

        @Override
        public void halfClose() {}

        @Override
        public void sendMessage(Q message) {}
    }
}
