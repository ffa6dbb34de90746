// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.page;

import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.faultline.rpc.UntilRefused;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;

/**
 * {@code PageService.Exchange} with batches that carry pages to and from off-heap memory, for a client and for a
 * server. Stateless; any thread.
 *
 * <p>A client opens the stream with {@link #open}; a malformed reply ends its call with CANCELLED and the codec's
 * INVALID_ARGUMENT as the cause. A server wraps its service with {@link #bind}; a malformed or over-long request batch
 * ends that call with INVALID_ARGUMENT, and its handler sees it cancelled.
 */
public final class PageExchange {
    private static final MethodDescriptor<OutgoingPageRequests, IncomingPageReplies> CLIENT_METHOD =
            method(new PageMarshallers.Sending<>(), new PageMarshallers.ReceivingReplies());
    private static final MethodDescriptor<IncomingPageRequests, OutgoingPageReplies> SERVER_METHOD =
            method(new PageMarshallers.ReceivingRequests(), new PageMarshallers.Sending<>());

    private PageExchange() {}

    /** Opens one stream to a pager; the caller starts it with its listener. */
    public static ClientCall<OutgoingPageRequests, IncomingPageReplies> open(Channel channel, CallOptions options) {
        return channel.newCall(CLIENT_METHOD, options);
    }

    /**
     * The page service with {@code exchange} as the handler of its stream and every other method as {@code service}
     * has it.
     */
    public static ServerServiceDefinition bind(
            BindableService service, ServerCallHandler<IncomingPageRequests, OutgoingPageReplies> exchange) {
        ServerServiceDefinition generated = service.bindService();
        ServiceDescriptor.Builder descriptor = ServiceDescriptor.newBuilder(PageServiceGrpc.SERVICE_NAME)
                .setSchemaDescriptor(generated.getServiceDescriptor().getSchemaDescriptor())
                .addMethod(SERVER_METHOD);
        for (ServerMethodDefinition<?, ?> method : generated.getMethods()) {
            if (!isExchange(method)) {
                descriptor.addMethod(method.getMethodDescriptor());
            }
        }
        ServerServiceDefinition.Builder bound = ServerServiceDefinition.builder(descriptor.build())
                .addMethod(
                        SERVER_METHOD,
                        (call, headers) -> new UntilRefused<>(
                                exchange.startCall(call, headers),
                                call,
                                IncomingPageRequests::refusal,
                                IncomingPageRequests::close));
        for (ServerMethodDefinition<?, ?> method : generated.getMethods()) {
            if (!isExchange(method)) {
                bound.addMethod(method);
            }
        }
        return bound.build();
    }

    private static boolean isExchange(ServerMethodDefinition<?, ?> method) {
        return method.getMethodDescriptor().getFullMethodName().equals(SERVER_METHOD.getFullMethodName());
    }

    private static <Q, P> MethodDescriptor<Q, P> method(
            MethodDescriptor.Marshaller<Q> requests, MethodDescriptor.Marshaller<P> replies) {
        MethodDescriptor<?, ?> generated = PageServiceGrpc.getExchangeMethod();
        return MethodDescriptor.<Q, P>newBuilder(requests, replies)
                .setType(generated.getType())
                .setFullMethodName(generated.getFullMethodName())
                .setSchemaDescriptor(generated.getSchemaDescriptor())
                .build();
    }
}
