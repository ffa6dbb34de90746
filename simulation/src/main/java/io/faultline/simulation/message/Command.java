// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.message;

import io.faultline.model.Token;

/**
 * A fault plane's command to the notifier.
 *
 * @param kind what to do
 * @param vmId the VM
 * @param vcpuId the vCPU
 * @param epoch the vCPU's epoch
 * @param token the token, or {@link Token#NONE}
 * @param control with ARM the control word, else 0
 * @param sdeiEvent with CREATE and ARM the event's number, else 0
 * @param interrupt with CREATE and ARM the interrupt's number, else 0
 * @param mayWait with PUBLISH: whether the answer may wait for an acknowledgement
 */
public record Command(
        Kind kind,
        long vmId,
        int vcpuId,
        long epoch,
        int token,
        long control,
        int sdeiEvent,
        int interrupt,
        boolean mayWait) {
    /** What to do. */
    public enum Kind {
        CREATE,
        DESTROY,
        ARM,
        DISARM,
        RESET,
        PUBLISH,
        WITHDRAW,
        COMPLETE,
        WAKE_ALL
    }

    /** A command without numbers. */
    public static Command of(Kind kind, long vmId, int vcpuId, long epoch, int token) {
        return new Command(kind, vmId, vcpuId, epoch, token, 0, 0, 0, false);
    }

    /** PUBLISH, whose answer may wait or not. */
    public static Command publish(long vmId, int vcpuId, long epoch, int token, boolean mayWait) {
        return new Command(Kind.PUBLISH, vmId, vcpuId, epoch, token, 0, 0, 0, mayWait);
    }

    /** CREATE or ARM, with the numbers that it brings. */
    public static Command define(Kind kind, long vmId, int vcpuId, long epoch, Numbers numbers) {
        return new Command(
                kind, vmId, vcpuId, epoch, Token.NONE, numbers.control, numbers.sdeiEvent, numbers.interrupt, false);
    }

    /** What CREATE and ARM bring. */
    public record Numbers(long control, int sdeiEvent, int interrupt) {}

    /** The same command of another epoch. */
    public Command withEpoch(long newEpoch) {
        return new Command(kind, vmId, vcpuId, newEpoch, token, control, sdeiEvent, interrupt, mayWait);
    }

    /** The same command for another token. */
    public Command withToken(int newToken) {
        return new Command(kind, vmId, vcpuId, epoch, newToken, control, sdeiEvent, interrupt, mayWait);
    }

    @Override
    public String toString() {
        return kind + " vcpu " + vmId + "/" + vcpuId + " epoch " + epoch
                + (token == Token.NONE ? "" : " token " + Token.format(token));
    }
}
