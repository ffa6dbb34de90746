// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

/**
 * While it is open, the end of the JVM interrupts the thread that opened it. Spring waits for a start to be over before it ends
 * what has started, and a start may wait for its broker for longer than whoever sent SIGTERM has patience. That thread's.
 */
final class InterruptOnEnd implements AutoCloseable {
    private final Thread hook;

    private InterruptOnEnd(Thread waiting) {
        hook = Thread.ofPlatform().name("interrupt-on-end").unstarted(waiting::interrupt);
    }

    /** Opens one; if the JVM is ending already, the thread is interrupted at once. */
    static InterruptOnEnd open() {
        InterruptOnEnd opened = new InterruptOnEnd(Thread.currentThread());
        try {
            Runtime.getRuntime().addShutdownHook(opened.hook);
        } catch (IllegalStateException ending) {
            Thread.currentThread().interrupt();
        }
        return opened;
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            // It has run, or does: nothing waits here any more.
        }
    }
}
