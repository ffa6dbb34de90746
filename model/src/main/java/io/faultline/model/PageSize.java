// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.model;

/** The sizes of page that arm64 guests use. */
public enum PageSize {
    /** 4,096 bytes. */
    SIZE_4K(12),
    /** 16,384 bytes. */
    SIZE_16K(14),
    /** 65,536 bytes. */
    SIZE_64K(16);

    private final int shift;

    PageSize(int shift) {
        this.shift = shift;
    }

    /** The number of address bits inside a page. */
    public int shift() {
        return shift;
    }

    /** The size in bytes. */
    public int bytes() {
        return 1 << shift;
    }

    /**
     * The size of so many bytes.
     *
     * @throws IllegalArgumentException for any number but 4096, 16384 and 65536
     */
    public static PageSize ofBytes(int bytes) {
        return switch (bytes) {
            case 4096 -> SIZE_4K;
            case 16384 -> SIZE_16K;
            case 65536 -> SIZE_64K;
            default ->
                throw new IllegalArgumentException("page size: " + bytes + " bytes (expected: 4096, 16384 or 65536)");
        };
    }
}
