// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.loss;

import io.faultline.loadtest.replay.ReplayResult;
import io.faultline.loadtest.replay.ReplaySettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/** The guests of a system under loss, together; every wait for them is bounded. One thread. */
final class LossGuests implements AutoCloseable {
    private static final int GUESTS = 2;
    /** Longer than any part stays away, and how long guests try to connect and fetches are repeated. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private static final Duration END = Duration.ofMinutes(2);
    private static final long LOOK_NS = 2_000_000;

    private final List<LossGuest> guests;

    private LossGuests(List<LossGuest> guests) {
        this.guests = guests;
    }

    /** Begins them. */
    static LossGuests start(Path home, ReplaySettings.Services services) {
        return new LossGuests(IntStream.range(0, GUESTS)
                .mapToObj(place -> LossGuest.start(home, services, place, PATIENCE))
                .toList());
    }

    /** Each of them. */
    List<LossGuest> each() {
        return guests;
    }

    /** What each has of something. */
    List<Long> counts(ToLongFunction<LossWatch> count) {
        return guests.stream().map(guest -> count.applyAsLong(guest.watch())).toList();
    }

    /** What all have of something. */
    long sum(ToLongFunction<LossWatch> count) {
        return counts(count).stream().mapToLong(Long::longValue).sum();
    }

    /** What the one with the most has of something. */
    long most(ToLongFunction<LossWatch> count) {
        return counts(count).stream().mapToLong(Long::longValue).max().orElseThrow();
    }

    /** What came of those that came to their end. */
    List<ReplayResult> results() {
        return guests.stream()
                .map(LossGuest::result)
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .toList();
    }

    /**
     * Waits until each has so many more of something than now.
     *
     * @throws IllegalStateException if one does not, or has ended
     */
    void awaitMore(String what, long more, ToLongFunction<LossWatch> count) {
        List<Long> before = counts(count);
        await(
                what,
                () -> IntStream.range(0, guests.size())
                        .allMatch(i -> count.applyAsLong(guests.get(i).watch()) >= before.get(i) + more));
    }

    /**
     * Waits until what is {@linkplain LossWatch#await awaited} is done.
     *
     * @throws IllegalStateException if something is not, or a guest has ended
     */
    void awaitDone(String what) {
        await(what, () -> sum(LossWatch::awaited) == 0);
    }

    private void await(String what, BooleanSupplier holds) {
        long deadlineNs = System.nanoTime() + PATIENCE.toNanos();
        while (!holds.getAsBoolean()) {
            if (!guests.stream().allMatch(LossGuest::isAlive)) {
                throw new IllegalStateException("a guest ended while it was waited for " + what);
            }
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IllegalStateException(what + ": not within " + PATIENCE.toSeconds() + " s");
            }
            LockSupport.parkNanos(LOOK_NS);
        }
    }

    /**
     * Has them end.
     *
     * @param isAtOnce whether they end without reading their memory back
     * @return what did not go as it should, in words
     */
    List<String> end(boolean isAtOnce) throws InterruptedException {
        List<String> broken = new ArrayList<>();
        guests.forEach(isAtOnce ? LossGuest::stop : LossGuest::finish);
        for (LossGuest guest : guests) {
            if (!guest.await(END)) {
                guest.stop();
                guest.await(END);
                broken.add("VM " + guest.vmId() + " does not end within " + END.toSeconds() + " s");
            }
        }
        return broken;
    }

    /** What they noted, for a person who wonders. */
    void write(Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        for (LossGuest guest : guests) {
            guest.deaths().forEach(death -> lines.add("VM " + guest.vmId() + ": " + death));
            ReplayResult result = guest.result();
            if (result != null) {
                result.notes().forEach(note -> lines.add("VM " + guest.vmId() + ": " + note));
                lines.add("VM " + guest.vmId() + ": " + result);
            }
        }
        Files.write(file, lines);
    }

    /** Has those that still are at work end soon. */
    @Override
    public void close() {
        guests.forEach(LossGuest::stop);
    }
}
