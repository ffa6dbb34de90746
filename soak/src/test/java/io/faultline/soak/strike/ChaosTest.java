// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.strike;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ChaosTest {
    private static final Range NO_PAUSE = new Range(0, 0);
    private static final Guests WILLING = () -> {};

    private final List<String> events = Collections.synchronizedList(new ArrayList<>());

    @Test
    void whatIsHitIsHealedThenGuestsGetOnThenItIsPutBack() throws InterruptedException {
        CountDownLatch survived = new CountDownLatch(2);
        Chaos chaos = start(
                () -> events.add("guests got on"), strike -> survived.countDown(), () -> new Recorded(Duration.ZERO));
        survived.await();
        chaos.end();

        assertThat(events).startsWith("hit", "healed", "guests got on", "put back", "hit", "healed");
        assertThat(events).endsWith("put back");
        assertThat(chaos.survived()).allMatch(strike -> strike.target().equals("target"));
        assertThat(chaos.failures()).isEmpty();
    }

    @Test
    void whatIsHitWhenChaosEndsIsHealedAtOnceAllTheSame() throws InterruptedException {
        CountDownLatch hit = new CountDownLatch(1);
        Chaos chaos = start(WILLING, strike -> {}, () -> new Recorded(Duration.ofDays(1)) {
            @Override
            public void hit() {
                super.hit();
                hit.countDown();
            }
        });
        hit.await();
        chaos.end();

        assertThat(events).containsExactly("hit", "healed", "put back");
    }

    @Test
    void aGuestThatDoesNotGetOnIsAFailureThatSaysAfterWhat() throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        Chaos chaos = start(
                () -> {
                    asked.countDown();
                    throw new IllegalStateException("guest 1 stands still");
                },
                strike -> {},
                () -> new Recorded(Duration.ZERO));
        asked.await();
        chaos.end();

        assertThat(chaos.failures())
                .first()
                .isEqualTo("after this it did not go on: a pager stalled (SIGSTOP), target: guest 1 stands still");
        assertThat(chaos.survived()).isEmpty();
        assertThat(events).endsWith("put back");
    }

    private static Chaos start(Guests guests, java.util.function.Consumer<StrikeRecord> listener, Strikes strikes) {
        return Chaos.start(List.of(strikes), 1, guests, listener, NO_PAUSE);
    }

    private class Recorded implements Strike {
        private final Duration lasts;

        Recorded(Duration lasts) {
            this.lasts = lasts;
        }

        @Override
        public StrikeKind kind() {
            return StrikeKind.PAGER_STALLED;
        }

        @Override
        public String target() {
            return "target";
        }

        @Override
        public Duration lasts() {
            return lasts;
        }

        @Override
        public void hit() {
            events.add("hit");
        }

        @Override
        public void heal() {
            events.add("healed");
        }

        @Override
        public void restore() {
            events.add("put back");
        }
    }
}
