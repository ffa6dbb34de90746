// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.tls;

import io.faultline.telemetry.RareLog;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Counts the connections that come to nothing because the two sides do not agree on how to talk, and says why: at most one
 * line in five seconds, however many try. Counted by the service's loop, read by any thread.
 */
public final class HandshakeWatch {
    /** The first byte of a TLS handshake; HTTP/2 begins with a letter. */
    private static final int HANDSHAKE = 22;
    /** What every HTTP/2 client says first. */
    private static final ByteBuf PREFACE = Unpooled.unreleasableBuffer(
                    Unpooled.copiedBuffer("PRI * HTTP/2.0", StandardCharsets.US_ASCII))
            .asReadOnly();

    private final RareLog log = new RareLog(LoggerFactory.getLogger(HandshakeWatch.class));
    private final AtomicLong failed = new AtomicLong();

    /** Watches a connection that was just accepted, until its first bytes have come. */
    public void accepted(Channel connection) {
        connection.pipeline().addFirst(new FirstBytes());
    }

    /** Connections that came to nothing. */
    public long failed() {
        return failed.get();
    }

    private void failed(@Nullable SocketAddress from, String why) {
        failed.setRelease(failed.getPlain() + 1);
        log.warn(() -> "connection from " + from + " refused: " + why);
    }

    private static boolean speaksPlainText(ByteBuf bytes) {
        return bytes.readableBytes() >= PREFACE.readableBytes()
                && ByteBufUtil.equals(
                        bytes, bytes.readerIndex(), PREFACE, PREFACE.readerIndex(), PREFACE.readableBytes());
    }

    /** Stands before whatever decodes a connection's bytes. */
    private final class FirstBytes extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            SocketAddress from = context.channel().remoteAddress();
            SslHandler tls = context.pipeline().get(SslHandler.class);
            if (tls != null && message instanceof ByteBuf bytes && speaksPlainText(bytes)) {
                failed(from, "it speaks plain text, and this service TLS");
                bytes.release();
                // Said in HTTP/2, past the handler that would encrypt it: else the client is left to guess.
                context.writeAndFlush(PlainTextRefusal.frames()).addListener(ChannelFutureListener.CLOSE);
                return;
            }
            if (tls != null) {
                // Older versions take sessions up again without looking at the certificate.
                tls.engine().setEnabledProtocols(new String[] {TlsCredentials.PROTOCOL});
                tls.handshakeFuture().addListener(handshake -> {
                    if (!handshake.isSuccess()) {
                        String sentence = TlsProblems.sentence(handshake.cause());
                        failed(from, sentence == null ? String.valueOf(handshake.cause()) : sentence);
                    }
                });
            } else if (message instanceof ByteBuf bytes
                    && bytes.isReadable()
                    && bytes.getUnsignedByte(bytes.readerIndex()) == HANDSHAKE) {
                failed(from, "it speaks TLS, and this service plain text (faultline.tls.certificate-file is not set)");
            }
            context.pipeline().remove(this);
            context.fireChannelRead(message);
        }
    }
}
