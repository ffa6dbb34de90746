// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.seal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Base64;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The master keys that pages are sealed with, each under a number of its own. The first seals what is written, any opens
 * what is read. Immutable; never prints a key.
 *
 * <p>As a file it is text: a line for each key, {@code ID KEY}, the id from 1 to 2147483647 and the key 32 bytes in Base64;
 * empty lines and lines that begin with # do not count.
 */
public final class KeyRing {
    private static final int KEY_BYTES = 32;
    private static final int KEYS_MAX = 64;
    private static final long FILE_BYTES_MAX = 1 << 16;
    private static final Set<PosixFilePermission> NOT_ALLOWED = EnumSet.of(
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    private final int sealingId;
    private final Map<Integer, SecretKey> keys;

    private KeyRing(int sealingId, Map<Integer, SecretKey> keys) {
        this.sealingId = sealingId;
        this.keys = keys;
    }

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException naming the file, what is wrong with it and what is expected; never a key
     */
    public static KeyRing read(Path file) {
        try {
            requirePrivate(file);
            if (Files.size(file) > FILE_BYTES_MAX) {
                throw unexpected(file, "too long", "at most " + FILE_BYTES_MAX + " bytes");
            }
            return of(file, Files.readAllLines(file));
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "key ring " + file + ": " + e + " (expected: a text file that can be read)", e);
        }
    }

    private static void requirePrivate(Path file) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        if (view != null) {
            Set<PosixFilePermission> excess = EnumSet.copyOf(NOT_ALLOWED);
            excess.retainAll(view.readAttributes().permissions());
            if (!excess.isEmpty()) {
                throw unexpected(file, "permissions " + excess, "none of these, as after chmod 600");
            }
        }
    }

    private static KeyRing of(Path file, List<String> lines) {
        Map<Integer, SecretKey> keys = new LinkedHashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                add(file, i + 1, line, keys);
            }
        }
        if (keys.isEmpty()) {
            throw unexpected(file, "no key", "a line for each key, ID KEY");
        }
        return new KeyRing(keys.keySet().iterator().next(), keys);
    }

    private static void add(Path file, int lineNumber, String line, Map<Integer, SecretKey> keys) {
        String[] parts = line.split("\\s+", 3);
        int id = id(parts[0]);
        byte @Nullable [] key = parts.length == 2 ? key(parts[1]) : null;
        if (id < 1 || key == null) {
            throw unexpected(
                    file,
                    "line " + lineNumber,
                    "ID KEY, a number from 1 to " + Integer.MAX_VALUE + " and " + KEY_BYTES + " bytes in Base64");
        }
        if (keys.size() == KEYS_MAX) {
            throw unexpected(file, "more keys", "at most " + KEYS_MAX);
        }
        if (keys.putIfAbsent(id, new SecretKeySpec(key, "HKDF")) != null) {
            throw unexpected(file, "line " + lineNumber + ": id " + id + " again", "each id once");
        }
    }

    private static int id(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static byte @Nullable [] key(String text) {
        try {
            byte[] key = Base64.getDecoder().decode(text);
            return key.length == KEY_BYTES ? key : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static IllegalArgumentException unexpected(Path file, String what, String expected) {
        return new IllegalArgumentException("key ring " + file + ": " + what + " (expected: " + expected + ")");
    }

    /** The number of the key that seals. */
    int sealingId() {
        return sealingId;
    }

    /** The key of a number; null if there is none. */
    @Nullable
    SecretKey key(int id) {
        return keys.get(id);
    }

    /** The keys' numbers. */
    @Override
    public String toString() {
        return "key " + sealingId + " seals, each of " + keys.keySet() + " opens";
    }
}
