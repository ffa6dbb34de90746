// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.pages;

import io.faultline.peers.CpuMeter;
import io.faultline.peers.Peer;
import io.faultline.peers.Sample;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * Gets pages from Redis over one blocking socket, as many GETs in a write as a request has pages. Nothing is between the
 * commands and the socket: no client library, no object for a value. For one thread.
 */
final class RedisPages implements Peer<PageShape>, AutoCloseable {
    private static final int DIGITS = 12;
    private static final byte[] GET_HEAD = ascii("*2\r\n$3\r\nGET\r\n$16\r\nkey:");
    private static final byte[] SET_HEAD = ascii("*3\r\n$3\r\nSET\r\n$16\r\nkey:");
    private static final byte[] SET_MIDDLE = ascii("\r\n$4096\r\n");
    private static final byte[] LINE_END = ascii("\r\n");
    private static final byte[] STORED = ascii("+OK\r\n");
    private static final int BUFFER_BYTES = 1 << 20;

    private final String name;
    private final PageSet set;
    private final CpuMeter cpu;
    private final SocketChannel socket;
    private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES).flip();
    private final MemorySegment inMemory = MemorySegment.ofBuffer(in.duplicate().clear());

    RedisPages(String name, int port, PageSet set, ProcessHandle server) throws IOException {
        this.name = name;
        this.set = set;
        cpu = new CpuMeter().watch("server", server);
        socket = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    @Override
    public String name() {
        return name;
    }

    /** Sets every page, under the key that redis-benchmark would use for its number. */
    void populate() throws IOException {
        byte[] bytes = new byte[PageSet.PAGE_BYTES];
        int unanswered = 0;
        for (int page = 0; page < set.pages(); page++) {
            PageSet.fill(page, MemorySegment.ofArray(bytes), 0);
            out.put(SET_HEAD);
            putKey(page);
            out.put(SET_MIDDLE).put(bytes).put(LINE_END);
            unanswered++;
            if (out.remaining() < 2 * PageSet.PAGE_BYTES || page == set.pages() - 1) {
                flush();
                for (; unanswered > 0; unanswered--) {
                    expect(STORED);
                }
            }
        }
    }

    @Override
    public Sample run(PageShape shape, long durationNs) throws IOException {
        cpu.begin();
        PageWindow window = new PageWindow(shape, set, durationNs);
        for (int slot = 0; slot < shape.inFlight(); slot++) {
            get(window, slot);
        }
        // Redis answers in order, so the slots' answers come in turns.
        for (int slot = 0; !window.isIdle(); slot = (slot + 1) % shape.inFlight()) {
            boolean isFree = false;
            for (int i = 0; i < shape.pages(); i++) {
                isFree = take(window, slot, i);
            }
            if (isFree && window.goesOn()) {
                get(window, slot);
            }
        }
        return window.sample(cpu);
    }

    private void get(PageWindow window, int slot) throws IOException {
        window.begin(slot);
        for (int i = 0; i < window.pagesARequest(); i++) {
            out.put(GET_HEAD);
            putKey(window.page(slot, i));
            out.put(LINE_END);
        }
        flush();
    }

    private boolean take(PageWindow window, int slot, int i) throws IOException {
        expect('$');
        int size = 0;
        byte digit;
        while ((digit = next()) != '\r') {
            size = size * 10 + (digit - '0');
        }
        expect('\n');
        if (size != PageSet.PAGE_BYTES) {
            throw new IllegalStateException("a value of " + size + " bytes (expected: " + PageSet.PAGE_BYTES + ")");
        }
        long offset = window.nextFrame();
        int done = 0;
        while (done < size) {
            if (!in.hasRemaining()) {
                fill();
            }
            int length = Math.min(size - done, in.remaining());
            MemorySegment.copy(inMemory, in.position(), window.frames(), offset + done, length);
            in.position(in.position() + length);
            done += length;
        }
        expect('\r');
        expect('\n');
        return window.arrived(slot, i, offset);
    }

    private void putKey(long page) {
        int at = out.position();
        long rest = page;
        for (int digit = DIGITS - 1; digit >= 0; digit--) {
            out.put(at + digit, (byte) ('0' + rest % 10));
            rest /= 10;
        }
        out.position(at + DIGITS);
    }

    private void expect(byte[] bytes) throws IOException {
        for (byte one : bytes) {
            expect((char) one);
        }
    }

    private void expect(char one) throws IOException {
        byte got = next();
        if (got != one) {
            throw new IllegalStateException("Redis answered byte " + got + " (expected: " + (int) one + ")");
        }
    }

    private byte next() throws IOException {
        if (!in.hasRemaining()) {
            fill();
        }
        return in.get();
    }

    private void fill() throws IOException {
        in.clear();
        int read = socket.read(in);
        in.flip();
        if (read < 0) {
            throw new EOFException("Redis closed the connection");
        }
    }

    private void flush() throws IOException {
        out.flip();
        while (out.hasRemaining()) {
            socket.write(out);
        }
        out.clear();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
