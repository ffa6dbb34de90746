// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.host;

import io.faultline.vcpu.domain.Memslot;
import java.util.List;

/** Where the pages of an image lie in a VM: its memslots, by address, one after the other. Immutable. */
final class ImageLayout {
    private final List<Memslot> memslots;
    private final long pages;

    /** The layout of an image of so many bytes, by the memslots that there are now. */
    ImageLayout(HostedVm vm, long imageBytes) {
        memslots = vm.machine().memslots();
        pages = imageBytes >>> vm.spec().pageSize().shift();
    }

    /** How many pages the image has. */
    long pages() {
        return pages;
    }

    /** The frame number of a page of the image. */
    long gfn(long page) {
        long left = page;
        for (Memslot memslot : memslots) {
            if (left < memslot.pages()) {
                return memslot.baseGfn() + left;
            }
            left -= memslot.pages();
        }
        throw new IllegalArgumentException("page: " + page + " (expected: one in the VM's memslots)");
    }
}
