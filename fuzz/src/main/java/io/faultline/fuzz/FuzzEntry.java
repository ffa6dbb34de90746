// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.fuzz;

import org.jspecify.annotations.Nullable;

/** What Jazzer calls: hands its bytes to the target that {@code -Dfaultline.fuzz.target} names. */
public final class FuzzEntry {
    private static @Nullable FuzzTarget target;

    private FuzzEntry() {}

    /** Begins. */
    public static void fuzzerInitialize() {
        target = FuzzTargets.make(System.getProperty("faultline.fuzz.target", ""));
    }

    /** One input. */
    public static void fuzzerTestOneInput(byte[] bytes) throws Exception {
        FuzzTarget reader = target;
        if (reader == null) {
            throw new IllegalStateException("target: none (expected: fuzzerInitialize first)");
        }
        reader.read(bytes);
    }
}
