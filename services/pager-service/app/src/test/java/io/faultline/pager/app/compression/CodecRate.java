// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.compression;

import io.faultline.model.PageSize;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/**
 * Measures what a page costs to deflate and to inflate, one thread, pages in cache: text, pointers, and bytes without a
 * pattern. Prints microseconds a page, the median of {@value #ROUNDS} rounds, and the ratio.
 */
final class CodecRate {
    private static final int ROUNDS = 9;
    private static final long ROUND_BYTES = 1L << 26;

    private CodecRate() {}

    /** Runs the measurement. */
    public static void main(String[] args) {
        System.out.printf("%-5s %-9s %6s %10s %10s %6s%n", "codec", "page", "KiB", "deflate us", "inflate us", "ratio");
        for (CodecKind kind : CodecKind.values()) {
            for (PageSize size : PageSize.values()) {
                measure(kind, "text", text(size.bytes()));
                measure(kind, "pointers", pointers(size.bytes()));
                measure(kind, "random", random(size.bytes()));
            }
        }
    }

    private static void measure(CodecKind kind, String name, ByteBuffer page) {
        int bytes = page.capacity();
        int times = (int) (ROUND_BYTES / bytes);
        ByteBuffer again = ByteBuffer.allocateDirect(bytes);
        try (PageCodec codec = kind.create()) {
            ByteBuffer deflated = ByteBuffer.allocateDirect(codec.deflatedBytesMax(bytes));
            int length = codec.deflate(page, deflated);
            double deflateUs = medianUs(times, () -> codec.deflate(page, deflated));
            double inflateUs = medianUs(times, () -> codec.inflate(deflated, length, again));
            System.out.printf(
                    "%-5s %-9s %6d %10.2f %10.2f %6.2f%n",
                    kind, name, bytes >> 10, deflateUs, inflateUs, (double) bytes / length);
        }
    }

    private static double medianUs(int times, Runnable work) {
        double[] rounds = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            long startNs = System.nanoTime();
            for (int i = 0; i < times; i++) {
                work.run();
            }
            rounds[round] = (System.nanoTime() - startNs) / 1e3 / times;
        }
        Arrays.sort(rounds);
        return rounds[ROUNDS / 2];
    }

    private static ByteBuffer text(int bytes) {
        Random random = new Random(1);
        String[] words = {"page", "fault", "guest", "token", "the", "of", "memory", "tier", "and", "is"};
        StringBuilder text = new StringBuilder();
        while (text.length() < bytes) {
            text.append(words[random.nextInt(words.length)])
                    .append(random.nextInt(1000))
                    .append(' ');
        }
        return ByteBuffer.allocateDirect(bytes)
                .put(text.substring(0, bytes).getBytes(StandardCharsets.ISO_8859_1))
                .flip();
    }

    private static ByteBuffer pointers(int bytes) {
        Random random = new Random(2);
        ByteBuffer page = ByteBuffer.allocateDirect(bytes);
        for (int at = 0; at < bytes; at += Long.BYTES) {
            page.putLong(at, 0x7F31_0000_0000_0000L + random.nextInt(1 << 24) * 16L);
        }
        return page;
    }

    private static ByteBuffer random(int bytes) {
        byte[] page = new byte[bytes];
        new Random(3).nextBytes(page);
        return ByteBuffer.allocateDirect(bytes).put(page).flip();
    }
}
