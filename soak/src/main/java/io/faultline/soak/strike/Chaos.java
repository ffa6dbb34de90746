// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.strike;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Strikes against several parts of a system at once: in each part one after another, with a pause between. What is hit is
 * always made good again, also when chaos ends early. Started and closed by one thread; a thread of its own for each part.
 */
public final class Chaos implements AutoCloseable {
    private static final Range PAUSE = new Range(1_000, 3_000);
    private static final double NS_PER_S = 1e9;

    private final Guests guests;
    private final Consumer<StrikeRecord> listener;
    private final Range pause;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final List<Thread> lanes = new ArrayList<>();
    private final List<StrikeRecord> survived = new CopyOnWriteArrayList<>();
    private final List<String> failures = new CopyOnWriteArrayList<>();

    private Chaos(Guests guests, Consumer<StrikeRecord> listener, Range pause) {
        this.guests = guests;
        this.listener = listener;
        this.pause = pause;
    }

    /**
     * Begins.
     *
     * @param parts the system's parts
     * @param seed of the pauses
     * @param listener hears of each strike that was survived; on any thread
     */
    public static Chaos start(List<Strikes> parts, long seed, Guests guests, Consumer<StrikeRecord> listener) {
        return start(parts, seed, guests, listener, PAUSE);
    }

    static Chaos start(List<Strikes> parts, long seed, Guests guests, Consumer<StrikeRecord> listener, Range pause) {
        Chaos chaos = new Chaos(guests, listener, pause);
        Random seeds = new Random(seed);
        for (int i = 0; i < parts.size(); i++) {
            Strikes strikes = parts.get(i);
            Random random = new Random(seeds.nextLong());
            chaos.lanes.add(Thread.ofPlatform().daemon().name("chaos-" + i).start(() -> chaos.run(strikes, random)));
        }
        return chaos;
    }

    /** What was survived so far, in the order in which it was over. */
    public List<StrikeRecord> survived() {
        return List.copyOf(survived);
    }

    /** What was not, in words: something that could not be made good, or a guest that did not get on. */
    public List<String> failures() {
        return List.copyOf(failures);
    }

    @Override
    public void close() {
        end();
    }

    /** Ends it, and waits until all that was hit is well again. */
    public void end() {
        stopped.countDown();
        try {
            for (Thread lane : lanes) {
                lane.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(Strikes strikes, Random random) {
        try {
            while (!stopsWithin(pause.draw(random))) {
                carryOut(strikes.next());
            }
        } catch (RuntimeException e) {
            failures.add("a strike could not be carried out: " + e.getMessage());
        }
    }

    private void carryOut(Strike strike) {
        String what = strike.kind().words() + ", " + strike.target();
        try {
            long hitNs = System.nanoTime();
            strike.hit();
            try {
                stopsWithin(strike.lasts());
            } finally {
                strike.heal();
            }
            long healedNs = System.nanoTime();
            guests.awaitProgress();
            StrikeRecord survivedNow = new StrikeRecord(
                    strike.kind(),
                    strike.target(),
                    (healedNs - hitNs) / NS_PER_S,
                    (System.nanoTime() - healedNs) / NS_PER_S);
            survived.add(survivedNow);
            listener.accept(survivedNow);
        } catch (IllegalStateException e) {
            failures.add("after this it did not go on: " + what + ": " + e.getMessage());
        }
        strike.restore();
    }

    private boolean stopsWithin(Duration time) {
        try {
            return stopped.await(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
