// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.fuzz;

import io.grpc.Attributes;
import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Calls services' methods as gRPC's server would, without a network: an input is a row of messages, each for a method, well-formed
 * or not. A handler that throws, or that ends a call with INTERNAL or UNKNOWN, is a finding.
 */
final class ServiceCalls {
    private static final int END = 1;
    private static final int BREAK_OFF = 2;
    /** The message after this one comes in the same turn. */
    private static final int TOGETHER = 4;

    /** Of one input: what comes after would say nothing new, and take its time. */
    private static final int MESSAGES_MAX = 64;

    private final List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
    private final Map<Integer, Running<?, ?>> streams = new HashMap<>();
    /** Of calls with one message. */
    private final List<Running<?, ?>> unanswered = new ArrayList<>();

    private final Context context;

    /**
     * Calls of these services' methods.
     *
     * @param context whose calls they are
     */
    ServiceCalls(Context context, BindableService... services) {
        this.context = context;
        for (BindableService service : services) {
            methods.addAll(service.bindService().getMethods());
        }
        methods.sort(Comparator.comparing(method -> method.getMethodDescriptor().getFullMethodName()));
    }

    /** Makes the calls of an input, and ends them all. */
    void run(byte[] input) {
        try {
            turns(input).forEach(Runnable::run);
        } finally {
            inContext(this::breakOffAll);
        }
    }

    /** The same as turns of a loop: messages that come together are one, and the calls' end is the last. */
    List<Runnable> turns(byte[] input) {
        List<Runnable> turns = new ArrayList<>();
        List<Sent> together = new ArrayList<>();
        ByteBuffer bytes = ByteBuffer.wrap(input);
        for (int left = MESSAGES_MAX; left > 0 && bytes.remaining() >= 4; left--) {
            Sent next = Sent.read(bytes);
            together.add(next);
            if ((next.flags & TOGETHER) == 0 || bytes.remaining() < 4 || left == 1) {
                List<Sent> turn = List.copyOf(together);
                turns.add(() -> inContext(() -> turn.forEach(this::send)));
                together.clear();
            }
        }
        turns.add(() -> inContext(this::breakOffAll));
        return turns;
    }

    private void inContext(Runnable calls) {
        Context before = context.attach();
        try {
            calls.run();
        } finally {
            context.detach(before);
        }
    }

    private void breakOffAll() {
        List.copyOf(streams.values()).forEach(Running::breakOff);
        streams.clear();
        unanswered.forEach(Running::breakOff);
        unanswered.clear();
    }

    private void send(Sent sent) {
        int method = sent.method % methods.size();
        Running<?, ?> call = streams.computeIfAbsent(method, number -> Running.begin(methods.get(number)));
        call.message(sent.message);
        if (call.isUnary() || (sent.flags & END) != 0) {
            call.halfClose();
        }
        if ((sent.flags & BREAK_OFF) != 0 || call.isOver()) {
            call.breakOff();
            streams.remove(method);
        } else if (call.isUnary()) {
            unanswered.add(call);
            streams.remove(method);
        }
    }

    /** The place of a method, for seeds. */
    int indexOf(MethodDescriptor<?, ?> method) {
        for (int i = 0; i < methods.size(); i++) {
            if (methods.get(i).getMethodDescriptor().getFullMethodName().equals(method.getFullMethodName())) {
                return i;
            }
        }
        throw new IllegalArgumentException(
                "method: " + method.getFullMethodName() + " (expected: one of these services)");
    }

    /** A message for a method, as it stands in an input. */
    static byte[] entry(int method, byte[] message) {
        return entry(method, 0, message);
    }

    /** Likewise, and the next one comes together with it. */
    static byte[] togetherWithNext(int method, byte[] message) {
        return entry(method, TOGETHER, message);
    }

    private static byte[] entry(int method, int flags, byte[] message) {
        return ByteBuffer.allocate(4 + message.length)
                .put((byte) method)
                .put((byte) flags)
                .putShort((short) message.length)
                .put(message)
                .array();
    }

    /** Several entries in one input. */
    static byte[] input(byte[]... entries) {
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        for (byte[] entry : entries) {
            input.writeBytes(entry);
        }
        return input.toByteArray();
    }

    /** A message, which method it is for, and what the client does then. */
    private static final class Sent {
        private final int method;
        private final int flags;
        private final byte[] message;

        private Sent(int method, int flags, byte[] message) {
            this.method = method;
            this.flags = flags;
            this.message = message;
        }

        static Sent read(ByteBuffer bytes) {
            int method = bytes.get() & 0xff;
            int flags = bytes.get();
            byte[] message = new byte[Math.min(bytes.remaining() - 2, bytes.getShort() & 0xffff)];
            bytes.get(message);
            return new Sent(method, flags, message);
        }
    }

    /** One call under way. */
    private static final class Running<I, O> extends ServerCall<I, O> {
        private final MethodDescriptor<I, O> method;
        private @Nullable Listener<I> listener;
        private int requested;
        private boolean isHalfClosed;
        private boolean isClosed;
        private boolean isHeard;

        private Running(MethodDescriptor<I, O> method) {
            this.method = method;
        }

        static <I, O> Running<I, O> begin(ServerMethodDefinition<I, O> definition) {
            Running<I, O> call = new Running<>(definition.getMethodDescriptor());
            call.listener = definition.getServerCallHandler().startCall(call, new Metadata());
            call.listener().onReady();
            return call;
        }

        private Listener<I> listener() {
            Listener<I> heard = listener;
            if (heard == null) {
                throw new IllegalStateException("listener: none (expected: once the call has begun)");
            }
            return heard;
        }

        boolean isUnary() {
            return method.getType().clientSendsOneMessage();
        }

        boolean isOver() {
            return isClosed || isHeard;
        }

        /** As gRPC does it: no message is handed over that was not asked for, and a malformed one ends the call. */
        void message(byte[] bytes) {
            if (isOver() || isHalfClosed || requested == 0) {
                return;
            }
            requested--;
            I message;
            try {
                message = method.parseRequest(new ByteArrayInputStream(bytes));
            } catch (StatusRuntimeException malformed) {
                breakOff();
                return;
            }
            listener().onMessage(message);
        }

        void halfClose() {
            if (!isOver() && !isHalfClosed) {
                isHalfClosed = true;
                listener().onHalfClose();
            }
        }

        /** The call is over for its client. */
        void breakOff() {
            if (!isHeard) {
                isHeard = true;
                if (isClosed) {
                    listener().onComplete();
                } else {
                    listener().onCancel();
                }
            }
        }

        @Override
        public void request(int messages) {
            requested += messages;
        }

        @Override
        public void sendHeaders(Metadata headers) {}

        @Override
        public void sendMessage(O message) {
            if (isClosed) {
                throw new IllegalStateException(method.getFullMethodName() + ": a message after the end");
            }
        }

        @Override
        public void close(Status status, Metadata trailers) {
            if (isClosed) {
                throw new IllegalStateException(method.getFullMethodName() + ": closed twice, now with " + status);
            }
            isClosed = true;
            if (status.getCode() == Status.Code.INTERNAL || status.getCode() == Status.Code.UNKNOWN) {
                throw new IllegalStateException(method.getFullMethodName() + ": " + status, status.getCause());
            }
        }

        @Override
        public boolean isCancelled() {
            return isHeard && !isClosed;
        }

        @Override
        public boolean isReady() {
            return !isOver();
        }

        @Override
        public MethodDescriptor<I, O> getMethodDescriptor() {
            return method;
        }

        @Override
        public Attributes getAttributes() {
            return Attributes.EMPTY;
        }
    }
}
