// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.check;

import java.util.LinkedHashMap;
import java.util.Map;

/** What a fault plane hints for one VM: only what is there, and each page once until it is wanted. One thread. */
public final class HintWatch {
    /** Hints that the fault plane remembers; an older one may be given again. */
    private static final int REMEMBERED = 1_024;

    private final long vmId;
    private final Map<Long, Hint> open = new LinkedHashMap<>();
    private long given;

    /** A VM without hints. */
    public HintWatch(long vmId) {
        this.vmId = vmId;
    }

    /** A page is wanted by a fault or the host. */
    public void wanted(long gfn) {
        open.remove(gfn);
    }

    /** The pager is told that a page may be wanted; whether it could be loaded. */
    public void hinted(long gfn, long version, boolean isThere) {
        String page = "vm " + vmId + " gfn " + gfn + " version " + version;
        InvariantViolation.require(isThere, Invariant.P5, page);
        Hint before = open.put(gfn, new Hint(version, ++given));
        boolean isNew = before == null || before.version != version || given - before.number > REMEMBERED;
        InvariantViolation.require(isNew, Invariant.P6, page);
    }

    /** A hint that was given. */
    private record Hint(long version, long number) {}
}
