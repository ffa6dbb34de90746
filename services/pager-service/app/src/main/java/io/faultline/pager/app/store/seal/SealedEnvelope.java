// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.seal;

import io.faultline.pager.app.store.Envelope;
import io.faultline.pager.app.store.PageReads;
import io.faultline.pager.app.store.PageWrites;
import io.faultline.pager.app.store.PlainEnvelope;
import io.faultline.pager.app.store.StoreKey;
import io.faultline.pager.domain.LoadResult;
import io.faultline.telemetry.RareLog;
import java.nio.ByteBuffer;
import javax.crypto.SecretKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Seals a page with AES-256-GCM under a key of its VM, with its name as associated data: a store that spoils a value, or
 * gives that of another page, another version or another VM, gives a CORRUPT page, and learns of pages only which there are,
 * how long they are and which are all zeros. Any thread.
 *
 * <pre>
 * offset  bytes, numbers big-endian
 *      0      1  format, {@value #FORMAT}
 *      1      1  codec: 0 the page's bytes as they are, 1 a page of zeros, no bytes
 *      2      4  number of the master key
 *      6     16  salt: with the master key and the VM, it makes the key
 *     22      8  nonce, after four bytes of 0
 *     30      4  sealed: CRC-32C of the page's bytes
 *     34      …  sealed: payload
 *      …     16  tag over the sealed bytes, the first 30, the page's VM, frame and version, and its size
 * </pre>
 */
public final class SealedEnvelope implements Envelope {
    private static final Logger LOG = LoggerFactory.getLogger(SealedEnvelope.class);
    static final byte FORMAT = 2;
    private static final int MASTER_OFFSET = 2;
    private static final int SALT_OFFSET = 6;
    private static final int ZERO_BYTES = PageCipher.HEAD_BYTES + Integer.BYTES + PageCipher.TAG_BYTES;

    private final PageKeys keys;
    private final boolean acceptsUnsealed;
    private final PlainEnvelope unsealed = new PlainEnvelope();
    private final ThreadLocal<PageCipher> ciphers = ThreadLocal.withInitial(PageCipher::new);
    private final RareLog failures = new RareLog(LOG);

    /**
     * Seals with the keys of a ring.
     *
     * @param acceptsUnsealed whether a value that was written without a key is still a page: for the time after keys were
     *     switched on, as whoever can write to the store can make such a value
     */
    public SealedEnvelope(KeyRing ring, boolean acceptsUnsealed) {
        keys = new PageKeys(ring);
        this.acceptsUnsealed = acceptsUnsealed;
    }

    @Override
    public int sizeOf(PageWrites.Put put) {
        return put.isZero() ? ZERO_BYTES : sizeMax(put.page().byteSize());
    }

    @Override
    public int sizeMax(long pageBytes) {
        return ZERO_BYTES + Math.toIntExact(pageBytes);
    }

    @Override
    public void wrap(PageWrites.Put put, ByteBuffer target) {
        ciphers.get().wrap(put, target, keys.next(put.key().vmId()));
    }

    @Override
    public void unwrap(ByteBuffer value, PageReads reads, int i) {
        byte format = value.hasRemaining() ? value.get(value.position()) : 0;
        if (format == PlainEnvelope.FORMAT && acceptsUnsealed) {
            failures.warn(
                    "swap store: a page that is not sealed was accepted, as accept-unsealed says: " + reads.key(i),
                    null);
            unsealed.unwrap(value, reads, i);
        } else if (format == FORMAT
                && (value.remaining() == ZERO_BYTES
                        || value.remaining() == sizeMax(reads.page(i).byteSize()))) {
            open(value, reads, i);
        } else {
            reject(reads, i, format == PlainEnvelope.FORMAT ? "it is not sealed" : "its value is none");
        }
    }

    private void open(ByteBuffer value, PageReads reads, int i) {
        StoreKey key = reads.key(i);
        byte[] salt = new byte[PageKeys.SALT_BYTES];
        value.get(value.position() + SALT_OFFSET, salt);
        int masterId = value.getInt(value.position() + MASTER_OFFSET);
        SecretKey pageKey = keys.find(new PageKeys.Name(masterId, ByteBuffer.wrap(salt), key.vmId()));
        if (pageKey == null) {
            reject(reads, i, "its key " + masterId + " is not in the key ring");
        } else if (!ciphers.get().unwrap(value, reads, i, pageKey)) {
            reject(reads, i, "its value is not what was sealed for it");
        }
    }

    private void reject(PageReads reads, int i, String why) {
        failures.warn("swap store: a page is CORRUPT, " + why + ": " + reads.key(i), null);
        reads.setResult(i, LoadResult.CORRUPT, 0);
    }
}
