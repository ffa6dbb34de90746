// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.access;

import io.faultline.rpc.tls.Identity;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;

/** Who is at the other end of a connection, found out once, when it was made. Immutable. */
public final class Caller {
    /** Whoever it is, where connections are plain text: may do everything. */
    public static final Caller ANYONE = new Caller(null);

    static final Context.Key<Caller> CURRENT = Context.key("caller");

    private final @Nullable Identity identity;
    private final @Nullable Role role;
    private final String name;

    private Caller(@Nullable Identity identity) {
        this.identity = identity;
        role = identity == null ? null : Role.of(identity);
        name = identity == null ? "" : identity.toString();
    }

    /** The holder of a certificate. */
    public static Caller of(Identity identity) {
        return new Caller(identity);
    }

    /**
     * Who made the call whose method is being called. A stream asks once, when it is opened.
     *
     * @throws IllegalStateException outside a call that {@link Access} let in
     */
    public static Caller current() {
        Caller caller = CURRENT.get();
        if (caller == null) {
            throw new IllegalStateException("caller: unknown (expected: a call that was let in)");
        }
        return caller;
    }

    /** The name by which other services know him, as the owner of VMs; empty where connections are plain text. */
    public String name() {
        return name;
    }

    /** Whether the VMs that someone registered are his to use. */
    public boolean owns(Caller registrant) {
        return owns(registrant.name);
    }

    /** Whether he may be the guest of a VM that someone of this name registered; null if nobody did: then that is what he hears. */
    public boolean mayAttach(long vmId, @Nullable String registrant) {
        if (role == Role.GUEST && identity != null) {
            return identity.vmId() == vmId;
        }
        return registrant == null || owns(registrant);
    }

    /**
     * Refuses what he wants with a VM that someone else registered.
     *
     * @throws StatusRuntimeException PERMISSION_DENIED, with who he is, what he wants and who may
     */
    public void requireOwns(Caller registrant, long vmId) {
        if (!owns(registrant)) {
            throw denied("uses", vmId, "");
        }
    }

    /** That he may not do this with a VM. */
    public StatusRuntimeException denied(String verb, long vmId, String othersAllowed) {
        return Status.PERMISSION_DENIED
                .withDescription("caller: " + this + " " + verb + " VM " + Long.toUnsignedString(vmId) + " (expected: "
                        + othersAllowed + "the client that registered it, or an admin)")
                .asRuntimeException();
    }

    @Nullable
    Role role() {
        return role;
    }

    private boolean owns(String registrant) {
        return role == null || role == Role.ADMIN || (role == Role.CLIENT && name.equals(registrant));
    }

    @Override
    public String toString() {
        return identity == null ? "anyone" : name;
    }
}
