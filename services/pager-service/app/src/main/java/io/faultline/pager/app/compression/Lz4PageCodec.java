// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.compression;

import java.nio.ByteBuffer;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/** LZ4's block format, by its own C code where there is a build of it for this machine, else in Java. */
final class Lz4PageCodec implements PageCodec {
    private final LZ4Compressor compressor = LZ4Factory.fastestInstance().fastCompressor();
    private final LZ4SafeDecompressor decompressor =
            LZ4Factory.fastestInstance().safeDecompressor();

    @Override
    public int deflatedBytesMax(int pageBytes) {
        return compressor.maxCompressedLength(pageBytes);
    }

    @Override
    public int deflate(ByteBuffer page, ByteBuffer target) {
        return compressor.compress(page, 0, page.capacity(), target, 0, target.capacity());
    }

    @Override
    public boolean inflate(ByteBuffer deflated, int length, ByteBuffer page) {
        try {
            return decompressor.decompress(deflated, 0, length, page, 0, page.capacity()) == page.capacity();
        } catch (LZ4Exception e) {
            return false;
        }
    }

    @Override
    public void close() {}
}
