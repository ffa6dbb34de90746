// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation;

import io.faultline.simulation.check.Invariant;
import io.faultline.simulation.message.Taps;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A deliberate bug: what it does to a run's taps, and which invariants may be the first that it breaks.
 *
 * @param name what is wrong
 * @param install puts it at the taps of one run
 * @param breaks the invariants
 */
record Bug(String name, Consumer<Taps> install, Set<Invariant> breaks) {
    static Bug of(String name, Consumer<Taps> install, Invariant... breaks) {
        return new Bug(name, install, Set.of(breaks));
    }

    @Override
    public String toString() {
        return name;
    }
}
