// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

/** What the addresses of a recording are. Either kind is mapped onto a guest's frames by an {@link AddressMap}. */
public enum AddressSpace {
    /** A process's virtual addresses. */
    VIRTUAL,
    /** A guest's physical addresses: ipa on arm64, gpa on x86. */
    GUEST_PHYSICAL
}
