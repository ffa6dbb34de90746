// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.network;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** What happens to the bytes of a relay at this moment. Safe for use by any thread. */
final class Weather {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<Direction> held = EnumSet.noneOf(Direction.class);
    private long delayNs;
    private boolean isCut;
    private boolean isClosed;

    void delay(Duration delay) {
        change(() -> delayNs = delay.toNanos());
    }

    void hold(Set<Direction> directions) {
        change(() -> held.addAll(directions));
    }

    void cut() {
        change(() -> isCut = true);
    }

    void clear() {
        change(() -> {
            held.clear();
            delayNs = 0;
            isCut = false;
        });
    }

    /** Nobody waits any more, whatever the weather. */
    void close() {
        change(() -> isClosed = true);
    }

    boolean isCut() {
        lock.lock();
        try {
            return isCut || isClosed;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until bytes may go on in this direction. */
    void pass(Direction direction) throws InterruptedException {
        lock.lock();
        try {
            long leftNs = delayNs;
            while (leftNs > 0 && delayNs > 0 && !isCut && !isClosed) {
                leftNs = changed.awaitNanos(leftNs);
            }
            while (held.contains(direction) && !isCut && !isClosed) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
