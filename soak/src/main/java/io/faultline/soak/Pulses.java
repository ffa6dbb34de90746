// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak;

import io.faultline.soak.strike.Guests;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** How far all guests are. Safe for use by any thread. */
final class Pulses implements Guests {
    private static final long LOOK_NS = Duration.ofMillis(2).toNanos();

    private final List<Pulse> pulses;
    private final long furtherFaults;
    private final Duration patience;

    /**
     * The guests' pulses.
     *
     * @param furtherFaults how many more faults have to end for a guest to have got on
     * @param patience how long that may take
     */
    Pulses(List<Pulse> pulses, long furtherFaults, Duration patience) {
        this.pulses = List.copyOf(pulses);
        this.furtherFaults = furtherFaults;
        this.patience = patience;
    }

    /** Waits until every guest replays, or until it need not be waited for. */
    void awaitReplaying(BooleanSupplier isOver) {
        while (!isOver.getAsBoolean() && !pulses.stream().allMatch(Pulse::isReplaying)) {
            LockSupport.parkNanos(LOOK_NS);
        }
    }

    @Override
    public void awaitProgress() {
        List<Pulse.@Nullable Beat> from = new ArrayList<>();
        pulses.forEach(pulse -> from.add(pulse.last()));
        long deadlineNs = System.nanoTime() + patience.toNanos();
        for (int i = 0; i < pulses.size(); i++) {
            Pulse.Beat mark = from.get(i);
            while (mark != null && !hasGotOn(mark, pulses.get(i))) {
                if (System.nanoTime() - deadlineNs > 0) {
                    throw new IllegalStateException("guest " + i + " has not ended " + furtherFaults
                            + " further faults within " + patience.toSeconds() + " s, at " + mark.done() + " of "
                            + mark.total());
                }
                LockSupport.parkNanos(LOOK_NS);
            }
        }
    }

    /** The longest that any guest stood still while it replayed, in nanoseconds. */
    long longestStandstillNs() {
        return pulses.stream().mapToLong(Pulse::longestStandstillNs).max().orElse(0);
    }

    private boolean hasGotOn(Pulse.Beat mark, Pulse pulse) {
        Pulse.Beat now = pulse.last();
        return mark.phase() != Pulse.Phase.REPLAY
                || now == null
                || now.phase() != Pulse.Phase.REPLAY
                || now.done() < mark.done()
                || now.done() >= mark.done() + furtherFaults;
    }
}
