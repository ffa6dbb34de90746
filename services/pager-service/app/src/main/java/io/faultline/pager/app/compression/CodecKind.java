// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.compression;

/** The ways there are to compress a page. */
public enum CodecKind {
    /** Quick to inflate. */
    LZ4,
    /** Smaller, and several times slower both ways. */
    ZSTD;

    PageCodec create() {
        return switch (this) {
            case LZ4 -> new Lz4PageCodec();
            case ZSTD -> new ZstdPageCodec();
        };
    }
}
