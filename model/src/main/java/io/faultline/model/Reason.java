// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.model;

/** What the shared area says; codes are the kernel's and the wire's. */
public enum Reason {
    /** The area is free. */
    NONE(0),
    /** {@code KVM_PV_REASON_PAGE_NOT_PRESENT}: the token's page is being fetched. */
    PAGE_NOT_PRESENT(1),
    /** {@code KVM_PV_REASON_PAGE_READY}: the token's page is mapped. */
    PAGE_READY(2);

    private final int code;

    Reason(int code) {
        this.code = code;
    }

    /** The value of the area's reason word. */
    public int code() {
        return code;
    }
}
