// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A disk with room for so many bytes, which like a real one takes what fits and then fails. */
public final class CrampedDisk implements SpoolOutput.Opener {
    private long free;
    private boolean isBroken;

    /** A disk with that many bytes free. */
    public CrampedDisk(long free) {
        this.free = free;
    }

    /** Takes all room away. */
    public void fill() {
        free = 0;
    }

    /** Makes room. */
    public void free(long bytes) {
        free += bytes;
    }

    /** From now on even a truncation fails. */
    public void breakDown() {
        free = 0;
        isBroken = true;
    }

    /** A spool on this disk. */
    public Spool spool(Path directory, long maxBytes, Life life) {
        return Spool.open(directory, maxBytes, life, this);
    }

    @Override
    public SpoolOutput create(Path path) throws IOException {
        SpoolOutput real = SpoolOutput.file(path);
        return new SpoolOutput() {
            private long written;

            @Override
            public void write(ByteBuffer bytes) throws IOException {
                int wanted = bytes.remaining();
                int fits = (int) Math.min(free, wanted);
                bytes.limit(bytes.position() + fits);
                real.write(bytes);
                free -= fits;
                written += fits;
                if (fits < wanted) {
                    throw new IOException("No space left on device");
                }
            }

            @Override
            public void truncate(long bytes) throws IOException {
                if (isBroken) {
                    throw new IOException("Input/output error");
                }
                real.truncate(bytes);
                free += written - bytes;
                written = bytes;
            }

            @Override
            public void force() throws IOException {
                real.force();
            }

            @Override
            public void close() throws IOException {
                real.close();
            }
        };
    }
}
