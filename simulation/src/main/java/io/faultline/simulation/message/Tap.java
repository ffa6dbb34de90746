// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.message;

import java.util.function.Consumer;

/**
 * A place on a message's way into or out of a domain. The simulation's own taps let everything pass; a test puts a bug there
 * to see that it is found.
 *
 * @param <T> the messages
 */
@FunctionalInterface
public interface Tap<T> {
    /** Hands a message on to {@code next}: once, as it is, unless this is a bug. */
    void pass(T message, Consumer<T> next);

    /** A tap that lets everything pass. */
    static <T> Tap<T> open() {
        return (message, next) -> next.accept(message);
    }
}
