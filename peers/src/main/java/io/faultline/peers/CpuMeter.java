// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** Tells how much CPU time each of some processes used for a unit of work. For one thread. */
public final class CpuMeter {
    private static final double NS_A_US = 1_000;

    private final Map<String, LongSupplier> clocksNs = new LinkedHashMap<>();
    private final Map<String, Long> begunNs = new LinkedHashMap<>();

    /** A meter of this process, which the figures call the client. */
    public CpuMeter() {
        clocksNs.put("client", Machine::ownCpuNs);
    }

    /** What the names of its figures end with. */
    public static String usedFor(String unit) {
        return "_cpu_us_a_" + unit;
    }

    /** Watches another process too. */
    public CpuMeter watch(String name, ProcessHandle process) {
        clocksNs.put(
                name,
                () -> process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos());
        return this;
    }

    /** Work begins. */
    public void begin() {
        clocksNs.forEach((name, clockNs) -> begunNs.put(name, clockNs.getAsLong()));
    }

    /**
     * Work has ended: the microseconds of CPU that each process used for one of so many units.
     *
     * @param unit what a unit is called
     */
    public Map<String, Double> end(long units, String unit) {
        Map<String, Double> used = new LinkedHashMap<>();
        clocksNs.forEach((name, clockNs) -> {
            double usedUs = (clockNs.getAsLong() - begunNs.getOrDefault(name, 0L)) / NS_A_US;
            used.put(name + usedFor(unit), usedUs / units);
        });
        return used;
    }
}
