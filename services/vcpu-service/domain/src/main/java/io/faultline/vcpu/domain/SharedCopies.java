// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import java.util.Arrays;

/** Copies in the tiers below that more than one page stands for. Owned by the VM's thread. */
/*
 * A page that is out remembers where its bytes are: its copy, one number. Usually that is the version they were stored
 * under, with the page's own frame number. With bit 56 set it is a place in this table instead,
 * which holds a name, (gfn, version), and how many pages stand for it: a swap slot with its count. So equal pages of an
 * image are stored once, under the name of the first, and that name means these bytes for as long as anyone uses them:
 * nothing below the guest knows or needs to know. The last page that lets go discards the copy.
 *
 * Versions grow by one from microseconds since the Unix epoch, so the bit is out of their reach until the year 4253.
 */
final class SharedCopies {
    private static final long SHARED = 1L << 56;
    private static final int PLACES_AT_FIRST = 16;

    private final Effects effects;
    private long[] gfns = new long[PLACES_AT_FIRST];
    private long[] versions = new long[PLACES_AT_FIRST];
    private int[] users = new int[PLACES_AT_FIRST];
    private int[] free = new int[PLACES_AT_FIRST];
    private int freeCount;
    private int places;

    SharedCopies(Effects effects) {
        this.effects = effects;
    }

    static boolean isShared(long copy) {
        return (copy & SHARED) != 0;
    }

    /** A shared copy with a name that nobody uses yet. */
    long add(long gfn, long version) {
        int place = freeCount > 0 ? free[--freeCount] : newPlace();
        gfns[place] = gfn;
        versions[place] = version;
        users[place] = 0;
        return SHARED | place;
    }

    /** One more page uses a shared copy. */
    void use(long copy) {
        users[place(copy)]++;
    }

    /** The frame number in the name of a page's copy. */
    long gfn(long ownGfn, long copy) {
        return isShared(copy) ? gfns[place(copy)] : ownGfn;
    }

    /** The version in the name of a page's copy. */
    long version(long copy) {
        return isShared(copy) ? versions[place(copy)] : copy;
    }

    /** How many shared copies there are. */
    int count() {
        return places - freeCount;
    }

    /** How many pages use a shared copy. */
    int users(long copy) {
        return users[place(copy)];
    }

    /** A page needs its copy no more. */
    void release(long ownGfn, long copy) {
        if (isShared(copy)) {
            users[place(copy)]--;
            forgetIfUnused(copy);
        } else {
            effects.discard(ownGfn, copy);
        }
    }

    /** Discards a shared copy that nobody uses. */
    void forgetIfUnused(long copy) {
        int place = place(copy);
        if (users[place] == 0) {
            effects.discard(gfns[place], versions[place]);
            free[freeCount++] = place;
        }
    }

    private static int place(long copy) {
        return (int) (copy & ~SHARED);
    }

    private int newPlace() {
        if (places == gfns.length) {
            int length = 2 * places;
            gfns = Arrays.copyOf(gfns, length);
            versions = Arrays.copyOf(versions, length);
            users = Arrays.copyOf(users, length);
            free = Arrays.copyOf(free, length);
        }
        return places++;
    }
}
