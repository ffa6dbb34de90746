// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import org.jspecify.annotations.Nullable;

/**
 * One page of a memory image on its way into a VM, past its frames. Made by whoever imports, handed to {@link
 * VirtualMachine#importPage} once, and the machine's until its importer hears of the end. Owned by the VM's thread.
 */
public final class PageImport {
    private final long gfn;
    private final boolean replaces;
    private final int crc;
    private final int mark;
    private final PageImporter importer;

    /** The version drawn for it; 0 while it has none of its own. */
    long version;
    /** Whether a store is under way, not answered yet. */
    boolean isStoring;
    /** Whether its memslot was deleted. */
    boolean isCancelled;

    long deadlineNs;
    long retryAtNs;
    long backoffNs;
    /** The duplicates that wait for this page's copy, linked. */
    @Nullable
    PageImport firstDuplicate;

    @Nullable
    PageImport nextDuplicate;

    /**
     * A page to import.
     *
     * @param gfn the guest frame number
     * @param replaces whether what the page holds may be replaced
     * @param crc the CRC-32C of the image's bytes
     * @param mark the importer's own
     * @param importer who stores it and hears of it
     */
    public PageImport(long gfn, boolean replaces, int crc, int mark, PageImporter importer) {
        this.gfn = gfn;
        this.replaces = replaces;
        this.crc = crc;
        this.mark = mark;
        this.importer = importer;
    }

    /** The guest frame number. */
    public long gfn() {
        return gfn;
    }

    /** Whether what the page holds may be replaced. */
    public boolean replaces() {
        return replaces;
    }

    /** The CRC-32C of the image's bytes. */
    public int crc() {
        return crc;
    }

    /** The importer's own mark. */
    public int mark() {
        return mark;
    }

    PageImporter importer() {
        return importer;
    }

    /** The version that the page is stored under; 0 if it is not stored but zeros, or the same as another page. */
    public long version() {
        return version;
    }
}
