// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.guest;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What the host did against the protocol: how often, and the first few times in words. One thread. */
public final class Violations {
    /** How many are kept in words. */
    public static final int MESSAGES_MAX = 10;

    private final List<String> messages = new ArrayList<>();
    private long count;

    void add(String message) {
        count++;
        if (messages.size() < MESSAGES_MAX) {
            messages.add(message);
        }
    }

    /** How many there were. */
    public long count() {
        return count;
    }

    /** The first of them. */
    public List<String> messages() {
        return Collections.unmodifiableList(messages);
    }
}
