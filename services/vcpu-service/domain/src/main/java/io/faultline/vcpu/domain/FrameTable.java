// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

/**
 * What each of a VM's frames is used for. A frame is in exactly one use; one with I/O under way is used for nothing else
 * until the answer is here. Owned by the VM's thread.
 */
final class FrameTable {
    /** Set by each access, cleared by the clock's hand: the second chance. */
    static final int ACCESSED = 1;
    /** The frame holds what no version holds. */
    static final int DIRTY = 2;
    /** A write-out of the frame is not answered yet. */
    static final int STORING = 4;
    /** A write-out of the frame is to be repeated. */
    static final int STORE_RETRY = 8;
    /** A fetch into the frame is not answered yet. */
    static final int FETCHING = 16;

    /** Returned when there is no frame. */
    static final int NONE = -1;

    private static final Use[] USES = Use.values();

    private final byte[] uses;
    private final byte[] flags;
    private final short[] pins;
    private final int[] owners;
    private final long[] gfns;
    private final long[] versions;
    private final int[] free;
    private final int[] counts = new int[USES.length];
    private int freeCount;
    private long releases;

    /** What a frame is used for. */
    enum Use {
        /** Nothing. */
        FREE(0),
        /** Reserved for a page on its way in; the owner is its {@link Arrival}'s index. */
        ARRIVING(1),
        /** Holds a page; the owner is the page's index. */
        RESIDENT(2),
        /** Holds a page that is being written out; the owner is the page's index. */
        WRITING_OUT(3),
        /** Its page is gone, its I/O not answered yet. */
        ORPHANED(4);

        private final byte code;

        Use(int code) {
            this.code = (byte) code;
        }
    }

    FrameTable(int frames) {
        uses = new byte[frames];
        flags = new byte[frames];
        pins = new short[frames];
        owners = new int[frames];
        gfns = new long[frames];
        versions = new long[frames];
        free = new int[frames];
        for (int frame = frames - 1; frame >= 0; frame--) {
            free[freeCount++] = frame;
        }
        counts[Use.FREE.code] = frames;
    }

    int size() {
        return uses.length;
    }

    int count(Use use) {
        return counts[use.code];
    }

    int freeCount() {
        return freeCount;
    }

    /** Takes a free frame into use, without flags and version. */
    int take(Use use, int owner, long gfn) {
        int frame = free[--freeCount];
        setUse(frame, use, owner);
        gfns[frame] = gfn;
        versions[frame] = 0;
        flags[frame] = 0;
        return frame;
    }

    void release(int frame) {
        flags[frame] = 0;
        setUse(frame, Use.FREE, NONE);
        free[freeCount++] = frame;
    }

    Use use(int frame) {
        return USES[uses[frame]];
    }

    /** The page's or arrival's index, as the use has it. */
    int owner(int frame) {
        return owners[frame];
    }

    void setUse(int frame, Use use, int owner) {
        counts[uses[frame]]--;
        counts[use.code]++;
        uses[frame] = use.code;
        owners[frame] = owner;
        if (use == Use.RESIDENT) {
            releases++;
        }
    }

    /** The guest frame number of the page in the frame. */
    long gfn(int frame) {
        return gfns[frame];
    }

    /** The copy that holds, or is about to hold, the same bytes, as {@link SharedCopies} has it; 0 for none. */
    long version(int frame) {
        return versions[frame];
    }

    void setVersion(int frame, long version) {
        versions[frame] = version;
    }

    boolean has(int frame, int flag) {
        return (flags[frame] & flag) != 0;
    }

    void raise(int frame, int flag) {
        flags[frame] |= (byte) flag;
    }

    void lower(int frame, int flag) {
        flags[frame] &= (byte) ~flag;
    }

    /** Keeps a resident page from being reclaimed; at most once for each vCPU. */
    void pin(int frame) {
        pins[frame]++;
    }

    void unpin(int frame) {
        pins[frame]--;
        releases++;
    }

    /** Grows whenever a page may have become one that can be reclaimed: it arrived, its I/O ended, or its pin went. */
    long releases() {
        return releases;
    }

    boolean isPinned(int frame) {
        return pins[frame] != 0;
    }

    /**
     * Lowers the flag of an I/O that is answered.
     *
     * @throws IllegalStateException if no such I/O was under way
     */
    void answered(int frame, int flag) {
        if (frame < 0 || frame >= uses.length || !has(frame, flag)) {
            throw new IllegalStateException("frame: " + frame + " (expected: one with "
                    + (flag == FETCHING ? "a fetch" : "a write-out") + " under way)");
        }
        lower(frame, flag);
        releases++;
    }
}
