// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import java.util.ArrayList;
import java.util.List;

/** What happened to a replay and is no fault of the services; a while of repeated failures is noted by the first of them. */
final class Notes {
    private static final int MAX = 20;

    private final List<String> all = new ArrayList<>();

    void add(String what) {
        if (all.size() < MAX) {
            all.add(what);
        }
    }

    List<String> all() {
        return List.copyOf(all);
    }
}
