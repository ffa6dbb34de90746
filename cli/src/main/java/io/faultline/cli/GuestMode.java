// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import java.util.Locale;

/** A way in which a guest's faults are dealt with; the first is what the others are compared with. */
enum GuestMode {
    /** The vCPU stands still for each page. */
    SYNC("synchronous", false, 0),
    /** The guest is told, and runs something else. */
    ASYNC("asynchronous", true, 0),
    /** As that, and pages that follow a trend are brought nearer. */
    ASYNC_PREFETCH("asynchronous with prefetch", true, 32);

    private final String title;
    private final boolean async;
    private final int prefetchPagesMax;

    GuestMode(String title, boolean async, int prefetchPagesMax) {
        this.title = title;
        this.async = async;
        this.prefetchPagesMax = prefetchPagesMax;
    }

    String title() {
        return title;
    }

    /** Its key in a JSON object. */
    String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean isAsync() {
        return async;
    }

    /** The widest window of pages ahead; 0 for none. */
    int prefetchPagesMax() {
        return prefetchPagesMax;
    }
}
