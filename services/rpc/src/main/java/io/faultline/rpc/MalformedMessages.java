// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;
import java.util.List;

/**
 * Tells clients what is wrong with a message that is none. What a server's marshaller throws is lost: gRPC ends the call with UNKNOWN
 * and writes a stack trace to the log for each. So nothing is thrown; what is wrong travels as the message, up to the service's door.
 */
final class MalformedMessages {
    private MalformedMessages() {}

    /** The service, with every call whose message cannot be read ended by what is wrong with it. */
    static ServerServiceDefinition refusing(ServerServiceDefinition service) {
        ServiceDescriptor.Builder descriptor = ServiceDescriptor.newBuilder(
                        service.getServiceDescriptor().getName())
                .setSchemaDescriptor(service.getServiceDescriptor().getSchemaDescriptor());
        List<ServerMethodDefinition<?, ?>> methods = service.getMethods().stream()
                .<ServerMethodDefinition<?, ?>>map(MalformedMessages::refusing)
                .toList();
        methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
        ServerServiceDefinition.Builder refusing = ServerServiceDefinition.builder(descriptor.build());
        methods.forEach(refusing::addMethod);
        return refusing.build();
    }

    private static <I, O> ServerMethodDefinition<Object, O> refusing(ServerMethodDefinition<I, O> method) {
        MethodDescriptor<I, O> descriptor = method.getMethodDescriptor();
        return ServerMethodDefinition.create(
                descriptor.toBuilder(
                                new Reading<>(descriptor.getRequestMarshaller()), descriptor.getResponseMarshaller())
                        .build(),
                new Door<>(method.getServerCallHandler()));
    }

    /**
     * What stands in the place of a message that could not be read.
     *
     * @param why the status that its call ends with
     */
    record Malformed(Status why) {}

    /** Reads a message, or says why not. */
    private static final class Reading<I> implements MethodDescriptor.Marshaller<Object> {
        private final MethodDescriptor.Marshaller<I> marshaller;

        Reading(MethodDescriptor.Marshaller<I> marshaller) {
            this.marshaller = marshaller;
        }

        @Override
        public InputStream stream(Object message) {
            throw new UnsupportedOperationException("a server does not send requests");
        }

        @Override
        public Object parse(InputStream message) {
            try {
                return marshaller.parse(message);
            } catch (StatusRuntimeException e) {
                return new Malformed(why(e.getStatus()));
            }
        }

        /* Protobuf's own says INTERNAL, as if that were ours. */
        private static Status why(Status status) {
            Throwable cause = status.getCause();
            return status.getCode() == Status.Code.INTERNAL && cause != null
                    ? Status.INVALID_ARGUMENT.withDescription("message: malformed: " + cause.getMessage())
                    : status;
        }
    }

    /** Where messages that could not be read are kept from a method's handler. */
    private static final class Door<I, O> implements ServerCallHandler<Object, O> {
        private final ServerCallHandler<I, O> handler;

        Door(ServerCallHandler<I, O> handler) {
            this.handler = handler;
        }

        @Override
        @SuppressWarnings("unchecked") // A handler is only ever given what its own marshaller has read.
        public ServerCall.Listener<Object> startCall(ServerCall<Object, O> call, Metadata headers) {
            ServerCall.Listener<I> listener = handler.startCall((ServerCall<I, O>) call, headers);
            return new UntilRefused<>(
                    (ServerCall.Listener<Object>) listener,
                    call,
                    message -> message instanceof Malformed malformed ? malformed.why() : null,
                    _ -> {});
        }
    }
}
