// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.guest;

import io.faultline.model.Access;
import io.faultline.model.Privilege;
import java.util.ArrayDeque;

/** One task of a guest and the access that it is at. One thread. */
final class GuestTask {
    private final ArrayDeque<Long> pagesToRead = new ArrayDeque<>();
    private boolean hasAccess;
    private boolean done;
    private boolean asleep;
    private long gfn;
    private Access access = Access.READ;
    private Privilege privilege = Privilege.USER;
    private boolean prefault;

    /** Has the task read a page before it retires. */
    void mustRead(long page) {
        pagesToRead.add(page);
    }

    /** Goes on to its next access; false when there is none and it retires. */
    boolean next(Guest guest) {
        if (hasAccess && !done) {
            return true;
        }
        done = false;
        Long page = pagesToRead.poll();
        hasAccess = page != null || guest.isWorking();
        if (page != null) {
            gfn = page;
            access = Access.READ;
            privilege = Privilege.USER;
            prefault = false;
        } else if (hasAccess) {
            gfn = guest.anyPage();
            access = guest.chance().percent(40) ? Access.WRITE : Access.READ;
            privilege = !guest.isUserOnly() && guest.chance().percent(12) ? Privilege.KERNEL : Privilege.USER;
            prefault = !guest.isUserOnly() && guest.chance().percent(4);
        }
        return hasAccess;
    }

    /** Its access came to an end, whichever. */
    void end() {
        done = true;
    }

    void sleep() {
        asleep = true;
    }

    void wake() {
        asleep = false;
    }

    boolean isAsleep() {
        return asleep;
    }

    long gfn() {
        return gfn;
    }

    Access access() {
        return access;
    }

    Privilege privilege() {
        return privilege;
    }

    boolean isPrefault() {
        return prefault;
    }
}
