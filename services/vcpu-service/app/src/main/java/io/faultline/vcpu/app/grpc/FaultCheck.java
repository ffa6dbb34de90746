// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import io.faultline.model.PageSize;
import io.faultline.proto.vcpu.v1.Access;
import io.faultline.proto.vcpu.v1.Fault;
import io.faultline.proto.vcpu.v1.Privilege;
import org.jspecify.annotations.Nullable;

/** Finds what is wrong with a fault's fields, before its VM's machine sees it. */
final class FaultCheck {
    /** How many bytes an access may carry: a 64-byte load or store is the longest that arm64 has. */
    static final int ACCESS_BYTES_MAX = 64;

    private FaultCheck() {}

    /** What is wrong, as one sentence with the value and what is expected, or null. */
    static @Nullable String problem(Fault fault, PageSize pageSize) {
        if (fault.getAccess() == Access.ACCESS_UNSPECIFIED || fault.getAccess() == Access.UNRECOGNIZED) {
            return "access: " + fault.getAccessValue() + " (expected: READ, WRITE or EXECUTE)";
        }
        if (fault.getPrivilege() == Privilege.PRIVILEGE_UNSPECIFIED || fault.getPrivilege() == Privilege.UNRECOGNIZED) {
            return "privilege: " + fault.getPrivilegeValue() + " (expected: USER or KERNEL)";
        }
        int load = fault.getLoadBytes();
        int store = fault.getStore().size();
        if (load < 0 || load > ACCESS_BYTES_MAX) {
            return "load_bytes: " + Integer.toUnsignedString(load) + " (expected: 0 to " + ACCESS_BYTES_MAX + ")";
        }
        if (store > ACCESS_BYTES_MAX) {
            return "store: " + store + " bytes (expected: 0 to " + ACCESS_BYTES_MAX + ")";
        }
        if (store > 0 && fault.getAccess() != Access.ACCESS_WRITE) {
            return "store: " + store + " bytes with " + fault.getAccess() + " (expected: none, or ACCESS_WRITE)";
        }
        if (offset(fault, pageSize.bytes()) + Math.max(load, store) > pageSize.bytes()) {
            return "ipa: 0x" + Long.toHexString(fault.getIpa()) + " with an access of " + Math.max(load, store)
                    + " bytes (expected: an access inside one page of " + pageSize.bytes() + " bytes)";
        }
        return null;
    }

    /** Where in its page a fault's address lies, in bytes. */
    static int offset(Fault fault, int pageBytes) {
        return (int) (fault.getIpa() & (pageBytes - 1));
    }
}
