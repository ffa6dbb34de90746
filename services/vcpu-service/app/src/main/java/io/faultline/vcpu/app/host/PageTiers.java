// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.host;

import io.faultline.telemetry.TraceParent;
import io.faultline.vcpu.domain.PageImport;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The page plane as a VM sees it. Answers go to the VM's machine, never from inside these methods, and not at all once
 * the VM is closed. Loop thread only.
 */
public interface PageTiers {
    /** Fetches a page into a frame; good bytes have this CRC-32C. A traced fault that waits says its span of that. */
    void fetch(HostedVm vm, int frame, long gfn, long version, int crc, @Nullable TraceParent trace);

    /** Stores what the frame holds now; a page of zeros only is not stored but answered as such. */
    void store(HostedVm vm, int frame, long gfn, long version);

    /** Stores a page of an image, whose bytes stay as they are until the machine has heard of it. */
    void storeImport(HostedVm vm, PageImport page, MemorySegment bytes);

    /** Hints that a page is not needed any more. */
    void discard(HostedVm vm, long gfn, long version);

    /** A VM begins: the tiers learn what it may have of them. */
    void begin(HostedVm vm);

    /** Hints that a page may be fetched soon; false if hints are not taken just now. */
    boolean prefetch(HostedVm vm, long gfn, long version);

    /** Forgets every page of a VM that is closed; {@code done} runs once, when they are gone. */
    void drop(HostedVm vm, Runnable done);

    /** Takes back a {@link #drop} that was not sent yet, for a VM of that id begins anew; false when it was sent. */
    boolean keep(long vmId);
}
