// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import java.util.function.Supplier;

/**
 * What meters show of a loop's state: taken on the loop once a second, so that counting costs the fast path nothing, and read
 * by any thread.
 *
 * @param <T> the state, not changed once it is taken
 */
public final class LoopSnapshot<T> {
    private static final long PERIOD_NS = 1_000_000_000;

    private final ServiceLoop loop;
    private final Supplier<T> take;
    private volatile T latest;
    private boolean stopped;

    /**
     * A snapshot that does not change before {@link #start}.
     *
     * @param first what is shown until then
     */
    public LoopSnapshot(ServiceLoop loop, Supplier<T> take, T first) {
        this.loop = loop;
        this.take = take;
        latest = first;
    }

    /** Begins to take it; on the loop. */
    public void start() {
        if (!stopped) {
            loop.executeAfter(this::start, PERIOD_NS);
            latest = take.get();
        }
    }

    /** Takes it for the last time; on the loop. */
    public void stop() {
        stopped = true;
        latest = take.get();
    }

    /** What was taken last. */
    public T latest() {
        return latest;
    }
}
