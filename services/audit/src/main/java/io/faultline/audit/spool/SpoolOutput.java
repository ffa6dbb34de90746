// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A segment's file as the spool writes it. Owned by the publishing thread. */
interface SpoolOutput extends AutoCloseable {
    /** Makes the file of a new segment. */
    @FunctionalInterface
    interface Opener {
        /** Creates that file, which must not exist. */
        SpoolOutput create(Path path) throws IOException;
    }

    /** Appends all these bytes, or fails with some of them written. */
    void write(ByteBuffer bytes) throws IOException;

    /** Cuts the file to that length; what is written next follows there. */
    void truncate(long bytes) throws IOException;

    /** Returns when the disk has what was written. */
    void force() throws IOException;

    @Override
    void close() throws IOException;

    /** A real file. */
    static SpoolOutput file(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        return new SpoolOutput() {
            @Override
            public void write(ByteBuffer bytes) throws IOException {
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }

            @Override
            public void truncate(long bytes) throws IOException {
                channel.truncate(bytes).position(bytes);
            }

            @Override
            public void force() throws IOException {
                channel.force(false);
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }
}
