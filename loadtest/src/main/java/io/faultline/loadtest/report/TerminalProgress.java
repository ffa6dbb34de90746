// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report;

import io.faultline.loadtest.replay.ReplayProgress;
import java.io.Console;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/**
 * Shows how far a replay is: a bar that is drawn anew on a terminal, a line every few seconds elsewhere. Told by the
 * replay's loop, which only notes the numbers; a thread of its own draws.
 */
public final class TerminalProgress implements ReplayProgress, AutoCloseable {
    private static final long DRAW_INTERVAL_MS = 200;
    private static final long LINE_INTERVAL_MS = 5_000;
    private static final int BAR_WIDTH = 40;

    private record Reached(Phase phase, long done, long total) {}

    private final PrintStream out;
    private final boolean isTerminal;
    private final Thread drawer;
    private volatile @Nullable Reached reached;
    private @Nullable Reached drawn;
    private long phaseBeganNs;

    private TerminalProgress(PrintStream out, boolean isTerminal) {
        this.out = out;
        this.isTerminal = isTerminal;
        drawer = Thread.ofPlatform().daemon().name("progress").unstarted(this::draw);
    }

    /** Begins to show progress on standard error. */
    public static TerminalProgress start() {
        TerminalProgress progress = new TerminalProgress(System.err, isTerminal());
        progress.drawer.start();
        return progress;
    }

    @SuppressWarnings("SystemConsoleNull") // True of JDK 22 to 24 only: 25 has the built-in console back.
    private static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    @Override
    public void reached(Phase phase, long done, long total) {
        reached = new Reached(phase, done, total);
    }

    /** Shows the last state and ends. */
    @Override
    public void close() {
        drawer.interrupt();
        try {
            drawer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void draw() {
        long intervalMs = isTerminal ? DRAW_INTERVAL_MS : LINE_INTERVAL_MS;
        try {
            while (true) {
                Thread.sleep(intervalMs);
                drawOnce();
            }
        } catch (InterruptedException e) {
            drawOnce();
            if (isTerminal && drawn != null) {
                out.println();
            }
        }
    }

    private void drawOnce() {
        Reached now = reached;
        if (now == null || now.equals(drawn)) {
            return;
        }
        if (drawn == null || drawn.phase() != now.phase()) {
            phaseBeganNs = System.nanoTime();
            if (isTerminal && drawn != null) {
                out.println();
            }
        }
        drawn = now;
        String line = line(now, System.nanoTime() - phaseBeganNs);
        if (isTerminal) {
            out.print('\r' + line + "  ");
            out.flush();
        } else {
            out.println(line);
        }
    }

    private static String line(Reached now, long elapsedNs) {
        String what = switch (now.phase()) {
            case POPULATE -> "filling memory";
            case REPLAY -> "replaying     ";
            case READ_BACK -> "reading back  ";
        };
        double part = now.total() == 0 ? 1 : Math.min(1, (double) now.done() / now.total());
        int filled = (int) (part * BAR_WIDTH);
        return "%s [%s%s] %3.0f %%  %,d of %,d, %.0f s"
                .formatted(
                        what,
                        "=".repeat(filled),
                        " ".repeat(BAR_WIDTH - filled),
                        part * 100,
                        now.done(),
                        now.total(),
                        elapsedNs / 1e9);
    }
}
