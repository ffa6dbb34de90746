// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.memory;

import io.faultline.model.PageSize;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The frames of one VM: off-heap memory addressed by frame number. Owned by the event loop that created it, which the
 * memory itself enforces: it belongs to a confined arena.
 *
 * <p>Memory is taken from the system in extents, each when the first of its frames is used, so that registering a large
 * VM neither clears gigabytes on the loop nor costs memory that the guest never touches.
 */
public final class FrameMemory implements AutoCloseable {
    /** What is taken from the system at once: 2 MiB, a power of two no smaller than any page. */
    static final int EXTENT_SHIFT = 21;

    private static final long EXTENT_ALIGNMENT = 4096;

    private final Arena arena = Arena.ofConfined();
    private final CRC32C crc = new CRC32C();
    private final int frames;
    private final int pageShift;
    private final int pageBytes;
    private final int framesPerExtentShift;
    private final @Nullable Extent[] extents;
    private final ByteBuffer zeros;

    /**
     * Frames 0 to {@code frames - 1}, all of one size.
     *
     * @throws IllegalArgumentException unless {@code frames} is at least 1
     */
    public FrameMemory(int frames, PageSize pageSize) {
        if (frames < 1) {
            throw new IllegalArgumentException("frames: " + frames + " (expected: >= 1)");
        }
        this.frames = frames;
        this.pageShift = pageSize.shift();
        this.pageBytes = pageSize.bytes();
        this.framesPerExtentShift = EXTENT_SHIFT - pageShift;
        this.extents = new Extent[((frames - 1) >> framesPerExtentShift) + 1];
        this.zeros = ByteBuffer.allocateDirect(pageBytes).asReadOnlyBuffer();
    }

    /** The size of a frame in bytes. */
    public int pageBytes() {
        return pageBytes;
    }

    /**
     * The bytes {@code offset} to {@code offset + length - 1} of a frame, to read or to write. The buffer is shared: it
     * holds until the next call on this object.
     *
     * @throws IndexOutOfBoundsException for a frame that does not exist or a range that leaves it
     */
    public ByteBuffer window(int frame, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, pageBytes);
        int start = (int) offset(frame) + offset;
        return extent(frame).buffer.limit(start + length).position(start);
    }

    /** All bytes of a frame, as {@link #window} does. */
    public ByteBuffer page(int frame) {
        return window(frame, 0, pageBytes);
    }

    /** The memory that a frame is a part of, from {@link #offset} on. */
    public MemorySegment segment(int frame) {
        return extent(frame).segment;
    }

    /** Where a frame begins in its {@link #segment}, in bytes. */
    public long offset(int frame) {
        Objects.checkIndex(frame, frames);
        return (long) (frame & ((1 << framesPerExtentShift) - 1)) << pageShift;
    }

    /** Fills a frame with zeros. */
    public void clear(int frame) {
        zeros.clear();
        page(frame).put(zeros);
    }

    /** The CRC-32C of a frame's bytes. */
    public int crc32c(int frame) {
        crc.reset();
        crc.update(page(frame));
        return (int) crc.getValue();
    }

    /** Whether a frame holds zeros only. */
    public boolean isZero(int frame) {
        zeros.clear();
        return page(frame).mismatch(zeros) < 0;
    }

    /** Gives all memory back; windows handed out before must not be used any more. */
    @Override
    public void close() {
        arena.close();
    }

    private Extent extent(int frame) {
        Objects.checkIndex(frame, frames);
        int index = frame >> framesPerExtentShift;
        Extent extent = extents[index];
        if (extent == null) {
            long bytes = Math.min(1L << EXTENT_SHIFT, ((long) frames << pageShift) - ((long) index << EXTENT_SHIFT));
            MemorySegment segment = arena.allocate(bytes, EXTENT_ALIGNMENT);
            extent = new Extent(segment, segment.asByteBuffer());
            extents[index] = extent;
        }
        return extent;
    }

    /** Memory of some frames, and the buffer that windows are cut from. */
    private record Extent(MemorySegment segment, ByteBuffer buffer) {}
}
