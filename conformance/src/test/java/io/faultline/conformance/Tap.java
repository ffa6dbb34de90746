// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance;

import java.util.function.Consumer;

/**
 * Where a bug sits: it passes a message on, changes it, keeps it, or passes others, now or later.
 *
 * @param <T> the messages
 */
@FunctionalInterface
interface Tap<T> {
    /** A message comes by; {@code next} is where it was going. */
    void pass(T message, Consumer<T> next);

    /** No bug. */
    static <T> Tap<T> open() {
        return (message, next) -> next.accept(message);
    }
}
