// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TurnTest {
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final List<String> sent = new ArrayList<>();
    private final Turn turn = new Turn(tasks::add);

    @Test
    void whatOneTurnProducedGoesOutTogetherAtItsEnd() {
        Words words = new Words("a");
        words.add("1");
        words.add("2");
        assertThat(sent).isEmpty();

        endTurn();

        assertThat(sent).containsExactly("a:12");
        assertThat(tasks).isEmpty();
    }

    @Test
    void anOutputMarkedAtTheEndOfATurnFollowsInTheSameEnd() {
        Words second = new Words("b");
        Words first = new Words("a") {
            @Override
            protected void endOfTurn() {
                super.endOfTurn();
                second.add("from a");
            }
        };
        first.add("1");

        endTurn();

        assertThat(sent).containsExactly("a:1", "b:from a");
    }

    @Test
    void anOutputThatThrowsKeepsNoOtherFromItsTurn() {
        new Words("a") {
            @Override
            protected void endOfTurn() {
                throw new IllegalStateException("peer gone");
            }
        }.add("1");
        Words other = new Words("b");
        other.add("2");

        org.assertj.core.api.Assertions.assertThatThrownBy(this::endTurn).hasMessage("peer gone");
        endTurn();

        assertThat(sent).containsExactly("b:2");
    }

    private void endTurn() {
        Runnable task;
        while ((task = tasks.poll()) != null) {
            task.run();
        }
    }

    private class Words extends Turn.Output {
        private final String name;
        private String gathered = "";

        Words(String name) {
            super(turn);
            this.name = name;
        }

        void add(String word) {
            gathered += word;
            mark();
        }

        @Override
        protected void endOfTurn() {
            sent.add(name + ":" + gathered);
            gathered = "";
        }
    }
}
