// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** How a file is packed, told by its first bytes and not by its name. */
public enum Compression {
    /** Not at all. */
    NONE,
    /** By gzip (RFC 1952), with any number of members. */
    GZIP(0x1F, 0x8B),
    /** By zstd (RFC 8878). */
    ZSTD(0x28, 0xB5, 0x2F, 0xFD);

    /** All by which zstd-jni tells data that end early from data that are damaged. */
    private static final String ZSTD_CUT_OFF = "Truncated source";

    private static final int BUFFER_BYTES = 1 << 16;
    private static final int MAGIC_BYTES_MAX = 4;

    @SuppressWarnings("ImmutableEnumChecker") // Never changed.
    private final byte[] magic;

    Compression(int... magic) {
        this.magic = new byte[magic.length];
        for (int i = 0; i < magic.length; i++) {
            this.magic[i] = (byte) magic[i];
        }
    }

    /** How the file is packed that begins here; the stream stays at its beginning. */
    static Compression of(BufferedInputStream in) throws IOException {
        in.mark(MAGIC_BYTES_MAX);
        byte[] first = in.readNBytes(MAGIC_BYTES_MAX);
        in.reset();
        for (Compression compression : new Compression[] {GZIP, ZSTD}) {
            byte[] magic = compression.magic;
            if (first.length >= magic.length && Arrays.equals(first, 0, magic.length, magic, 0, magic.length)) {
                return compression;
            }
        }
        return NONE;
    }

    /** How a file is to be packed that has this name: .gz, .zst, or not. */
    public static Compression ofName(String name) {
        if (name.endsWith(".gz")) {
            return GZIP;
        }
        return name.endsWith(".zst") ? ZSTD : NONE;
    }

    /** A sentence's end about a failure to read on after so much, such as "12 whole lines". */
    String failed(IOException failure, String after) {
        if (this == NONE) {
            return ": cannot be read after " + after + ": " + failure.getMessage();
        }
        String data = ": the " + name().toLowerCase(Locale.ROOT) + " data ";
        boolean isCutOff = failure instanceof EOFException || ZSTD_CUT_OFF.equals(failure.getMessage());
        return isCutOff
                ? data + "end early, after " + after + " (expected: a complete file)"
                : data + "are damaged after " + after + ": " + failure.getMessage();
    }

    /** Unpacks while reading; closing closes the stream given. */
    InputStream unpacked(InputStream in) throws IOException {
        return switch (this) {
            case NONE -> in;
            case GZIP -> new GZIPInputStream(in, BUFFER_BYTES);
            case ZSTD -> new ZstdInputStreamNoFinalizer(in);
        };
    }

    /** Packs while writing; closing completes the data and closes the stream given. */
    public OutputStream packed(OutputStream out) throws IOException {
        return switch (this) {
            case NONE -> out;
            case GZIP -> new GZIPOutputStream(out, BUFFER_BYTES);
            case ZSTD -> new ZstdOutputStreamNoFinalizer(out);
        };
    }
}
