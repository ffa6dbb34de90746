// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.seal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import org.jspecify.annotations.Nullable;

/** The keys that pages are sealed with, made from a ring's master keys, and their nonces. Any thread. */
final class PageKeys {
    /*
     * AES-GCM is lost when two pages are sealed under the same key and nonce, so nothing here depends on what others
     * promise about versions, restarts or other pagers. A key is made by HKDF-SHA256 from a master key, the VM and 16
     * random bytes, the salt; under it, nonces are counted from 0. The salt is drawn anew in each process, for each VM and
     * after SEALS_MAX pages, and goes with each page. So two pages share a key only if they share VM and salt, and then
     * one process gave them different numbers.
     */
    static final int SALT_BYTES = 16;

    /** 2^32 pages of at most 2^12 blocks: 2^44 blocks a key, which leaves an attacker a chance of about 2^-40. */
    private static final long SEALS_MAX = 1L << 32;

    private static final int CACHED_MAX = 4_096;
    private static final byte[] PURPOSE = "faultline page".getBytes(StandardCharsets.US_ASCII);
    private static final int AES_KEY_BYTES = 32;

    private final KeyRing ring;
    private final SecureRandom random = new SecureRandom();
    private final Map<Long, Sealing> sealings = new Recent<>();
    private final Map<Name, SecretKey> opening = new Recent<>();

    PageKeys(KeyRing ring) {
        this.ring = ring;
    }

    /** A key of a VM with a nonce that it was never used with. */
    synchronized Numbered next(long vmId) {
        Sealing sealing = sealings.get(vmId);
        if (sealing == null || sealing.used == SEALS_MAX) {
            byte[] salt = new byte[SALT_BYTES];
            random.nextBytes(salt);
            Name name = new Name(ring.sealingId(), ByteBuffer.wrap(salt), vmId);
            SecretKey master = ring.key(ring.sealingId());
            if (master == null) {
                throw new IllegalStateException(ring + " (expected: the key that seals)");
            }
            sealing = new Sealing(name, derive(master, name));
            sealings.put(vmId, sealing);
        }
        return new Numbered(sealing.name, sealing.key, sealing.used++);
    }

    /** The key of a name; null if its master key is not in the ring. */
    @Nullable
    SecretKey find(Name name) {
        SecretKey master = ring.key(name.masterId);
        if (master == null) {
            return null;
        }
        synchronized (opening) {
            return opening.computeIfAbsent(name, missing -> derive(master, missing));
        }
    }

    private static SecretKey derive(SecretKey master, Name name) {
        byte[] info = ByteBuffer.allocate(PURPOSE.length + Long.BYTES)
                .put(PURPOSE)
                .putLong(name.vmId)
                .array();
        byte[] salt = new byte[SALT_BYTES];
        name.salt.get(0, salt);
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveKey(
                            "AES",
                            HKDFParameterSpec.ofExtract()
                                    .addIKM(master)
                                    .addSalt(salt)
                                    .thenExpand(info, AES_KEY_BYTES));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HKDF-SHA256 is part of every JDK 25", e);
        }
    }

    /**
     * What a key is made from.
     *
     * @param masterId the number of the master key
     * @param salt {@value #SALT_BYTES} bytes
     * @param vmId the VM
     */
    record Name(int masterId, ByteBuffer salt, long vmId) {}

    /**
     * A key and a nonce.
     *
     * @param name the key's
     * @param key for AES-256
     * @param nonce counts from 0 under each key
     */
    record Numbered(Name name, SecretKey key, long nonce) {}

    /** A key that seals, and how many nonces it has used. */
    private static final class Sealing {
        final Name name;
        final SecretKey key;
        long used;

        Sealing(Name name, SecretKey key) {
            this.name = name;
            this.key = key;
        }
    }

    /** Forgets what was not used for longest. */
    private static final class Recent<K, V> extends LinkedHashMap<K, V> {
        private static final long serialVersionUID = 1;

        Recent() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > CACHED_MAX;
        }
    }
}
