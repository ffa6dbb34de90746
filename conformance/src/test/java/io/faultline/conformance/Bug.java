// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance;

import java.util.List;
import java.util.function.Consumer;

/**
 * A deliberate bug.
 *
 * @param name what the service does wrong
 * @param install puts it at the taps
 * @param cases the cases that must fail by it, each
 */
record Bug(String name, Consumer<Taps> install, List<String> cases) {
    static Bug of(String name, Consumer<Taps> install, String... cases) {
        return new Bug(name, install, List.of(cases));
    }

    @Override
    public String toString() {
        return name;
    }
}
