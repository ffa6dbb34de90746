// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;

/**
 * Batches output by the event loop's turns: whatever one turn produced goes out together at its end. An idle stream so
 * sends at once and a busy one batches by itself, without a timer. Loop thread only.
 */
public final class Turn {
    private final Executor loop;
    private final ArrayDeque<Output> marked = new ArrayDeque<>();
    private boolean endScheduled;

    /** A turn of the loop that runs {@code execute}d tasks once it has read its sockets. */
    public Turn(Executor loop) {
        this.loop = loop;
    }

    private void mark(Output output) {
        marked.add(output);
        if (!endScheduled) {
            endScheduled = true;
            loop.execute(this::end);
        }
    }

    private void end() {
        try {
            Output output;
            while ((output = marked.poll()) != null) {
                output.isMarked = false;
                output.endOfTurn();
            }
        } finally {
            endScheduled = false;
            if (!marked.isEmpty()) {
                endScheduled = true;
                loop.execute(this::end);
            }
        }
    }

    /** Something that has work to do at the end of a turn in which it was marked. Loop thread only. */
    public abstract static class Output {
        private final Turn turn;
        private boolean isMarked;

        /** An output of this turn's loop. */
        protected Output(Turn turn) {
            this.turn = turn;
        }

        /** Asks for {@link #endOfTurn} at the end of this turn; once, however often it is called. */
        protected final void mark() {
            if (!isMarked) {
                isMarked = true;
                turn.mark(this);
            }
        }

        /** Sends what has gathered. May mark other outputs: they follow in the same end of turn. */
        protected abstract void endOfTurn();
    }
}
