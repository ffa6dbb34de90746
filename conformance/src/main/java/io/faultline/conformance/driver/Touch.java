// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance.driver;

import io.faultline.proto.vcpu.v1.Access;
import io.faultline.proto.vcpu.v1.Privilege;

/** How a vCPU touches a page. */
public enum Touch {
    /** A task loads. */
    READ(Access.ACCESS_READ, Privilege.PRIVILEGE_USER, false),
    /** A task stores. */
    WRITE(Access.ACCESS_WRITE, Privilege.PRIVILEGE_USER, false),
    /** The guest's kernel loads. */
    KERNEL_READ(Access.ACCESS_READ, Privilege.PRIVILEGE_KERNEL, false),
    /** The host asks ahead of a task's load. */
    PREFAULT(Access.ACCESS_READ, Privilege.PRIVILEGE_USER, true);

    private final Access access;
    private final Privilege privilege;
    private final boolean prefault;

    Touch(Access access, Privilege privilege, boolean prefault) {
        this.access = access;
        this.privilege = privilege;
        this.prefault = prefault;
    }

    Access access() {
        return access;
    }

    Privilege privilege() {
        return privilege;
    }

    boolean isPrefault() {
        return prefault;
    }
}
