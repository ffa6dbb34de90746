// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.check;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** How often each thing happened, by group and name. One thread. */
public final class Tally {
    private final SortedMap<String, SortedMap<String, Count>> groups = new TreeMap<>();

    /** Counts one more. */
    public void count(String group, String name) {
        groups.computeIfAbsent(group, _ -> new TreeMap<>()).computeIfAbsent(name, _ -> new Count()).value++;
    }

    /** Adds another tally. */
    public void add(Tally other) {
        other.groups.forEach((group, names) -> names.forEach((name, count) ->
                groups.computeIfAbsent(group, _ -> new TreeMap<>()).computeIfAbsent(name, _ -> new Count()).value +=
                        count.value));
    }

    /** How often something happened. */
    public long of(String group, String name) {
        Count count = groups.getOrDefault(group, new TreeMap<>()).get(name);
        return count == null ? 0 : count.value;
    }

    /** Everything, sorted: group, name, count. */
    public SortedMap<String, SortedMap<String, Long>> all() {
        SortedMap<String, SortedMap<String, Long>> all = new TreeMap<>();
        for (Map.Entry<String, SortedMap<String, Count>> group : groups.entrySet()) {
            SortedMap<String, Long> names = new TreeMap<>();
            group.getValue().forEach((name, count) -> names.put(name, count.value));
            all.put(group.getKey(), names);
        }
        return all;
    }

    private static final class Count {
        private long value;
    }
}
