// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.compression;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;

/** Zstandard at its fastest ordinary level. */
final class ZstdPageCodec implements PageCodec {
    private static final int LEVEL = 1;

    private final ZstdCompressCtx compressor =
            new ZstdCompressCtx().setLevel(LEVEL).setChecksum(false).setContentSize(false);
    private final ZstdDecompressCtx decompressor = new ZstdDecompressCtx();

    @Override
    public int deflatedBytesMax(int pageBytes) {
        return Math.toIntExact(Zstd.compressBound(pageBytes));
    }

    @Override
    public int deflate(ByteBuffer page, ByteBuffer target) {
        return compressor.compressDirectByteBuffer(target, 0, target.capacity(), page, 0, page.capacity());
    }

    @Override
    public boolean inflate(ByteBuffer deflated, int length, ByteBuffer page) {
        try {
            return decompressor.decompressDirectByteBuffer(page, 0, page.capacity(), deflated, 0, length)
                    == page.capacity();
        } catch (ZstdException e) {
            return false;
        }
    }

    @Override
    public void close() {
        compressor.close();
        decompressor.close();
    }
}
