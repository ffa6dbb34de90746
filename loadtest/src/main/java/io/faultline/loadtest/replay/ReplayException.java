// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import org.jspecify.annotations.Nullable;

/** A replay could not be carried out; the message says what stood in the way and what would help. */
public final class ReplayException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Who has to do something about it. */
    public enum Kind {
        /** The caller: a setting or the recording is not usable. */
        BAD_INPUT,
        /** Whoever runs the services: one cannot be reached, or the connection broke. */
        NO_CONNECTION,
        /** Whoever runs the services: vcpu-service went away and came back without the VM. */
        VM_LOST,
        /** The services' developers: a fault got no outcome in time. */
        STALLED,
        /** Nobody: somebody asked to stop. */
        STOPPED
    }

    private final Kind kind;

    /** An error for a person to read. */
    public ReplayException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** Who has to do something about it. */
    public Kind kind() {
        return kind;
    }
}
