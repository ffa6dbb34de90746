// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.access;

import io.faultline.rpc.tls.Identity;

/** What an identity makes of its holder. */
enum Role {
    /** Looks after all of it: may do everything. */
    ADMIN("an admin"),
    /** The fault plane. */
    VCPU_SERVICE("service/vcpu-service"),
    /** Another of the services. */
    SERVICE("a service"),
    /** Registers VMs and raises their faults. */
    CLIENT("a client"),
    /** The guest of one VM. */
    GUEST("a VM's guest");

    private final String words;

    Role(String words) {
        this.words = words;
    }

    static Role of(Identity identity) {
        return switch (identity.kind()) {
            case ADMIN -> ADMIN;
            case CLIENT -> CLIENT;
            case VM -> GUEST;
            case SERVICE -> identity.name().equals("vcpu-service") ? VCPU_SERVICE : SERVICE;
        };
    }

    @Override
    public String toString() {
        return words;
    }
}
