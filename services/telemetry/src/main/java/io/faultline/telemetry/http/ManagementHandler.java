// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry.http;

import io.faultline.telemetry.http.ManagementPages.Page;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection to the management port: answers GET and HEAD. The server's thread only. */
final class ManagementHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger log = LoggerFactory.getLogger(ManagementHandler.class);

    private final ManagementPages pages;

    ManagementHandler(ManagementPages pages) {
        this.pages = pages;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        boolean isHead = request.method().equals(HttpMethod.HEAD);
        if (request.decoderResult().isFailure()) {
            Page page = text(HttpResponseStatus.BAD_REQUEST, "not an HTTP request");
            ChannelFuture _ = context.writeAndFlush(response(page, false)).addListener(ChannelFutureListener.CLOSE);
        } else if (isHead || request.method().equals(HttpMethod.GET)) {
            write(context, response(page(request), isHead));
        } else {
            Page page = text(HttpResponseStatus.METHOD_NOT_ALLOWED, request.method() + " (expected: GET or HEAD)");
            FullHttpResponse response = response(page, false);
            response.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
            write(context, response);
        }
    }

    /* A peer that breaks off is its own business. */
    private static void write(ChannelHandlerContext context, FullHttpResponse response) {
        ChannelFuture _ = context.writeAndFlush(response);
    }

    private static void close(ChannelHandlerContext context) {
        ChannelFuture _ = context.close();
    }

    private Page page(FullHttpRequest request) {
        String path = request.uri().split("\\?", 2)[0];
        try {
            return pages.page(path, request.headers().get(HttpHeaderNames.ACCEPT));
        } catch (IOException | RuntimeException e) {
            log.warn("GET {} failed", path, e);
            return text(HttpResponseStatus.INTERNAL_SERVER_ERROR, "the service's log says why");
        }
    }

    private static FullHttpResponse response(Page page, boolean isHead) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(page.status()),
                isHead ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(page.body()));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, page.type())
                .set(HttpHeaderNames.CONTENT_LENGTH, page.body().length);
        return response;
    }

    private static Page text(HttpResponseStatus status, String sentence) {
        return new Page(status.code(), "text/plain; charset=utf-8", (sentence + "\n").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent) {
            close(context);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        log.debug("connection to the management port ends", cause);
        close(context);
    }
}
