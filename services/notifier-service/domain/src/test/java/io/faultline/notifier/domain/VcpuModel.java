// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.AuditStep;
import io.faultline.model.Reason;
import io.faultline.model.Token;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the protocol says of one vCPU, told from outside: it follows the steps and verdicts that come out, refuses those that
 * break an invariant, and can be compared with the machine's own state at any time.
 */
final class VcpuModel {
    private final Map<Integer, Boolean> deliveredByToken = new LinkedHashMap<>();
    private final ArrayDeque<Integer> waiting = new ArrayDeque<>();
    private int unacknowledged = Token.NONE;
    private boolean armed;
    private long lastSequence;

    /** Follows an audit step. */
    void step(AuditStep step) {
        assertThat(step.sequence()).as("sequence of %s", step.kind()).isEqualTo(++lastSequence);
        int token = step.token();
        switch (step.kind()) {
            case OPENED, GUEST_ATTACHED -> {}
            case CLOSED -> {
                end();
                lastSequence = 0;
            }
            case ENABLED -> {
                end();
                armed = true;
            }
            case DISABLED, GUEST_DETACHED -> end();
            case DELIVERED ->
                assertThat(deliveredByToken.replace(token, true))
                        .as("I13, I24: %s is delivered once, after its publication", Token.format(token))
                        .isFalse();
            case CANCELLED ->
                assertThat(deliveredByToken.remove(token))
                        .as("I15: %s is cancelled, so it was not delivered", Token.format(token))
                        .isFalse();
            case READY, WOKE_ALL -> ready(token);
            case ACKNOWLEDGED -> {
                assertThat(token).as("acknowledged").isEqualTo(unacknowledged);
                unacknowledged = Token.NONE;
            }
            default -> throw new AssertionError("a step of the other plane: " + step.kind());
        }
    }

    private void ready(int token) {
        assertThat(unacknowledged).as("I20: nothing unacknowledged before").isEqualTo(Token.NONE);
        assertThat(waiting.poll()).as("I19: the order of completion").isEqualTo(token);
        if (token != Token.WAKE_ALL) {
            assertThat(deliveredByToken.remove(token))
                    .as("I16, I17: %s is ready, so it was delivered", Token.format(token))
                    .isTrue();
        }
        unacknowledged = token;
    }

    /** Follows the verdict ACCEPTED. */
    void accepted(int token) {
        assertThat(armed).as("I5: armed").isTrue();
        assertThat(deliveredByToken.put(token, false)).as("I3: not outstanding").isNull();
    }

    /** Follows a completion, or a wake-all, that was neither refused nor cancelled. */
    void queued(int token) {
        waiting.add(token);
    }

    boolean isOutstanding(int token) {
        return deliveredByToken.containsKey(token);
    }

    /** Compares with the machine's state. */
    void check(@Nullable Vcpu vcpu) {
        if (vcpu == null) {
            assertThat(armed).isFalse();
            return;
        }
        Notifications is = vcpu.notifications();
        assertThat(is.isArmed()).as("armed").isEqualTo(armed);
        assertThat(is.tokens().size()).as("I6, I24: outstanding").isEqualTo(deliveredByToken.size());
        assertThat(is.tokens().size()).as("I6").isLessThanOrEqualTo(64);
        assertThat(is.done().size()).as("I27: completions are kept").isEqualTo(waiting.size());
        if (!waiting.isEmpty()) {
            assertThat(is.done().headToken()).as("I19").isEqualTo(waiting.peek());
        }
        checkPublication(is);
        assertThat(is.interrupt().isHigh()).as("I21").isEqualTo(unacknowledged != Token.NONE);
        if (is.interrupt().isHigh()) {
            checkArea(is.area(), Reason.PAGE_READY, unacknowledged);
        }
        assertThat(is.notPresent().isPending() && is.interrupt().isHigh())
                .as("I9")
                .isFalse();
        if (!armed) {
            assertThat(is.area().isFree()).as("I29: area").isTrue();
            assertThat(is.event().isPending()).as("I29: event").isFalse();
            assertThat(is.interrupt().isHigh()).as("I29: interrupt").isFalse();
        }
    }

    private void checkPublication(Notifications is) {
        long undelivered = deliveredByToken.values().stream()
                .filter(delivered -> !delivered)
                .count();
        assertThat(undelivered).as("I9: publications pending").isLessThanOrEqualTo(1);
        assertThat(is.notPresent().isPending()).as("I13").isEqualTo(undelivered == 1);
        if (is.notPresent().isPending()) {
            assertThat(deliveredByToken.get(is.notPresent().token())).as("I13").isFalse();
            checkArea(is.area(), Reason.PAGE_NOT_PRESENT, is.notPresent().token());
        } else {
            assertThat(is.event().isPending()).as("I13: nothing to dispatch").isFalse();
        }
    }

    /** What was written, or zeros where the guest cleared. */
    private static void checkArea(SharedArea area, Reason reason, int token) {
        assertThat(area.reason()).as("I9: reason").isIn(Reason.NONE.code(), reason.code());
        assertThat(area.token()).as("I9: token").isIn(Token.NONE, token);
    }

    private void end() {
        armed = false;
        deliveredByToken.clear();
        waiting.clear();
        unacknowledged = Token.NONE;
    }
}
