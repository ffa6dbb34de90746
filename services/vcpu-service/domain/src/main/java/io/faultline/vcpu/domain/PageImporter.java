// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

/**
 * Who brings a memory image into a VM: stores its pages, and hears what came of each. Called on the VM's thread, from
 * inside an input method; it must not call back into the VM before that input has returned.
 */
public interface PageImporter {
    /**
     * Store the page's bytes under its {@link PageImport#version}. Answered by exactly one of {@link
     * VirtualMachine#importStored}, {@link VirtualMachine#importUnavailable}, {@link VirtualMachine#importGivenUp}; may
     * come again after the second.
     */
    void store(PageImport page);

    /** Terminal: the page is the guest's. */
    void imported(PageImport page);

    /** Terminal: the page is as it was. */
    void notImported(PageImport page, ImportRefusal why);
}
