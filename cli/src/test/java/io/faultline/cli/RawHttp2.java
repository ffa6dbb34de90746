// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** HTTP/2 by hand, for what no client library does: frames of any kind, in any order. For one thread. */
final class RawHttp2 implements Closeable {
    static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    static final int PROTOCOL_ERROR = 1;
    static final int ENHANCE_YOUR_CALM = 0xb;

    private static final int HEAD_BYTES = 9;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int GOAWAY = 7;
    private static final int CONTINUATION = 9;
    private static final int REFUSED_STREAM = 7;
    private static final int PIECE_BYTES = 8_000;
    private static final int END_HEADERS = 4;
    private static final int CANCEL = 8;

    private final Socket socket = new Socket();
    private int lastStream = -1;

    /** A connection from one of loopback's addresses; nothing is sent. */
    RawHttp2(String from, int port) throws IOException {
        socket.bind(new InetSocketAddress(from, 0));
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.setSoTimeout(20_000);
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** Begins as every client does: the preface and settings that ask for nothing. */
    void begin() throws IOException {
        send(PREFACE);
        send(frame(SETTINGS, 0, 0, new byte[0]));
    }

    /** Opens calls of a method and breaks each off at once. */
    void openAndReset(String method, int calls) throws IOException {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        byte[] headers = headers(method);
        for (int i = 0; i < calls; i++) {
            lastStream += 2;
            frames.writeBytes(frame(HEADERS, END_HEADERS, lastStream, headers));
            frames.writeBytes(frame(
                    RST_STREAM,
                    0,
                    lastStream,
                    ByteBuffer.allocate(4).putInt(CANCEL).array()));
        }
        send(frames.toByteArray());
    }

    /** Opens calls of a method and says no more of them. */
    void open(String method, int calls) throws IOException {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        byte[] headers = headers(method);
        for (int i = 0; i < calls; i++) {
            lastStream += 2;
            frames.writeBytes(frame(HEADERS, END_HEADERS, lastStream, headers));
        }
        send(frames.toByteArray());
    }

    /** Opens a call with so many bytes of headers. */
    void openWithHeaders(String method, int bytes) throws IOException {
        lastStream += 2;
        send(frame(HEADERS, 0, lastStream, headers(method)));
        for (int sent = 0; sent < bytes; sent += PIECE_BYTES) {
            ByteArrayOutputStream field = new ByteArrayOutputStream();
            field.write(0x00);
            string(field, "x");
            string(field, "y".repeat(100));
            byte[] piece = field.toByteArray();
            ByteArrayOutputStream pieces = new ByteArrayOutputStream();
            while (pieces.size() < PIECE_BYTES) {
                pieces.writeBytes(piece);
            }
            send(frame(CONTINUATION, 0, lastStream, pieces.toByteArray()));
        }
        send(frame(CONTINUATION, END_HEADERS, lastStream, new byte[0]));
    }

    /**
     * Reads until the service closes the connection; the error that its GOAWAY names, or -1 if it closed without one.
     *
     * @throws SocketTimeoutException if it does not for 20 s
     */
    int awaitGoAway() throws IOException {
        int error = -1;
        try {
            for (Frame frame = read(); frame != null; frame = read()) {
                if (frame.type == GOAWAY && frame.payload.remaining() >= 8) {
                    error = frame.payload.getInt(4);
                }
            }
        } catch (SocketException reset) {
            // Closed with bytes of ours unread, which is as good an end as any.
            return error;
        }
        return error;
    }

    /**
     * Reads until HTTP/2 itself has refused so many streams.
     *
     * @throws SocketTimeoutException if nothing comes for 20 s
     */
    void awaitRefusedStreams(int count) throws IOException {
        int refused = 0;
        while (refused < count) {
            Frame frame = read();
            if (frame == null) {
                throw new EOFException("closed after " + refused + " refused streams (expected: " + count + ")");
            }
            refused += frame.type == RST_STREAM && frame.payload.getInt(0) == REFUSED_STREAM ? 1 : 0;
        }
    }

    private record Frame(int type, ByteBuffer payload) {}

    /** The next frame; null at the connection's end. */
    private @Nullable Frame read() throws IOException {
        byte[] head = socket.getInputStream().readNBytes(HEAD_BYTES);
        if (head.length < HEAD_BYTES) {
            return null;
        }
        int length = (head[0] & 0xff) << 16 | (head[1] & 0xff) << 8 | (head[2] & 0xff);
        return new Frame(head[3], ByteBuffer.wrap(socket.getInputStream().readNBytes(length)));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(HEAD_BYTES + payload.length)
                .put((byte) (payload.length >> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    /** A gRPC call's headers, in HPACK without Huffman coding and without its tables being changed. */
    private static byte[] headers(String method) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.write(0x83); // :method POST
        block.write(0x86); // :scheme http
        block.write(0x04); // :path
        string(block, "/" + method);
        block.write(0x01); // :authority
        string(block, "localhost");
        block.write(0x0f); // content-type, the table's entry 31
        block.write(0x10);
        string(block, "application/grpc");
        block.write(0x00);
        string(block, "te");
        string(block, "trailers");
        return block.toByteArray();
    }

    private static void string(ByteArrayOutputStream block, String text) {
        block.write(text.length());
        block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
}
