// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry.trace;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TraceQueueTest {
    private final TraceQueue queue = TraceQueue.on();

    @Test
    void workComesOutInItsOrder() {
        for (int i = 0; i < 3 * TraceQueue.CAPACITY; i++) {
            TracedWork work = new OneSpan(i);
            queue.offer(work);
            assertThat(queue.poll()).isSameAs(work);
        }

        assertThat(queue.poll()).isNull();
        assertThat(queue.recorded()).isEqualTo(3 * TraceQueue.CAPACITY);
    }

    @Test
    void aFullQueueDropsAndCountsAndNobodyWaits() {
        TracedWork first = new OneSpan(0);
        queue.offer(first);
        for (int i = 1; i < TraceQueue.CAPACITY + 5; i++) {
            queue.offer(new OneSpan(i));
        }

        assertThat(queue.recorded()).isEqualTo(TraceQueue.CAPACITY);
        assertThat(queue.queueFull()).isEqualTo(5);

        assertThat(queue.poll()).isSameAs(first);
        TracedWork next = new OneSpan(-1);
        queue.offer(next);

        assertThat(queue.queueFull()).isEqualTo(5);
        TracedWork last = null;
        for (TracedWork work = queue.poll(); work != null; work = queue.poll()) {
            last = work;
        }
        assertThat(last).isSameAs(next);
    }

    @Test
    void whatAnotherThreadOffersArrivesWhole() throws InterruptedException {
        int works = 200_000;
        Thread loop = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < works; i++) {
                queue.offer(new OneSpan(i));
            }
        });

        long polled = 0;
        long lastNs = -1;
        while (loop.isAlive() || polled < queue.recorded()) {
            TracedWork work = queue.poll();
            if (work == null) {
                Thread.onSpinWait();
                continue;
            }
            polled++;
            assertThat(work.beganNs()).isGreaterThan(lastNs);
            lastNs = work.beganNs();
        }
        loop.join();

        assertThat(queue.recorded() + queue.queueFull()).isEqualTo(works);
        assertThat(polled).isEqualTo(queue.recorded());
    }
}
