// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import org.jspecify.annotations.Nullable;

/** Someone who waits for a page to arrive in a frame: a guest's fault or the host. In at most one list at a time. */
abstract sealed class Waiter permits Fault, HostRequest {
    /** The next one in the list that this one is in. */
    @Nullable
    Waiter next;

    /** Whether it wants to write the page. */
    abstract boolean writes();

    /** The page is in the frame now. */
    abstract void arrived(int frame, PageSource source);

    /** The page does not come. */
    abstract void failed(FailReason reason, long nowNs);
}
