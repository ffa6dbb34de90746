// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.message;

import io.faultline.model.PageSize;

/**
 * A fault plane's request to the pager.
 *
 * @param kind what is asked for
 * @param requestId names the request on its stream; 0 with DISCARD
 * @param vmId the VM
 * @param gfn the guest frame number
 * @param version the page's version
 * @param size the page's size
 * @param stamp with STORE what the page holds, else 0
 */
public record PageAsk(Kind kind, long requestId, long vmId, long gfn, long version, PageSize size, long stamp) {
    /** What is asked for. */
    public enum Kind {
        FETCH,
        STORE,
        DISCARD,
        PREFETCH
    }

    @Override
    public String toString() {
        return kind + " vm " + vmId + " gfn " + gfn + " version " + version
                + (kind == Kind.STORE ? " stamp " + stamp : "");
    }
}
