// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.processes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;

/** What can be done to a process from outside, by its id. Stateless. */
public final class Signals {
    private static final long DEATH_TIMEOUT_S = 20;

    private Signals() {}

    /** Ends a process as a crash would ({@code kill -9}), and waits until it is gone. */
    public static void kill(Process process) {
        try {
            if (!process.destroyForcibly().waitFor(DEATH_TIMEOUT_S, TimeUnit.SECONDS)) {
                throw new IllegalStateException("process " + process.pid() + " does not die");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stops a process without ending it: its connections stand, and nothing answers. */
    public static void freeze(Process process) {
        send("STOP", process);
    }

    /** Lets a frozen process go on. */
    public static void thaw(Process process) {
        send("CONT", process);
    }

    private static void send(String signal, Process process) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start();
            if (kill.waitFor() != 0) {
                throw new IllegalStateException("kill -" + signal + " of process " + process.pid() + " failed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
