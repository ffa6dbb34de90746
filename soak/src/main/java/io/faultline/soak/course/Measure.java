// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.course;

import static java.util.Collections.unmodifiableSet;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** What is measured of a process in a long run, and how much it may grow. */
public enum Measure {
    /** Heap in use right after a collection that was asked for. */
    HEAP("heap", "heap after a collection", Unit.MIB, 0.1, 16L << 20),
    /** Direct buffers, as the JVM counts them. */
    DIRECT("direct", "direct buffers", Unit.MIB, 0.1, 8L << 20),
    /** Memory of the process that is in RAM: heap, frames, tiers, buffers, code, all of it. */
    RESIDENT("resident", "resident memory", Unit.MIB, 0.1, 32L << 20),
    /** Open files and sockets. */
    FILES("files", "open files and sockets", Unit.ONE, 0.1, 8),
    /** Threads of the system. */
    THREADS("threads", "threads", Unit.ONE, 0.1, 4),
    /** Half of the faults took no longer. */
    FAULT_P50("median", "fault, median", Unit.MS, 0.5, 1e-3),
    /** 99 of 100 faults took no longer. */
    FAULT_P99("99 %", "fault, 99th percentile", Unit.MS, 1, 20e-3);

    /** What is measured of every service. */
    static final Set<Measure> OF_A_SERVICE = unmodifiableSet(EnumSet.range(HEAP, THREADS));
    /** What is measured of the system's own view of a process: only where processes are files. */
    static final Set<Measure> OF_THE_SYSTEM = unmodifiableSet(EnumSet.range(RESIDENT, THREADS));
    /** What is measured of a service that has faults. */
    static final Set<Measure> OF_FAULTS = unmodifiableSet(EnumSet.range(FAULT_P50, FAULT_P99));

    private final String brief;
    private final String words;
    private final Unit unit;
    private final double allowedShare;
    private final double allowedFloor;

    Measure(String brief, String words, Unit unit, double allowedShare, double allowedFloor) {
        this.brief = brief;
        this.words = words;
        this.unit = unit;
        this.allowedShare = allowedShare;
        this.allowedFloor = allowedFloor;
    }

    /** Its key in JSON; bytes, seconds or a number. */
    public String key() {
        return name().toLowerCase(Locale.ROOT) + unit.keyEnd;
    }

    /** It, for a person. */
    public String words() {
        return words;
    }

    /** It and what it is shown in, for a person. */
    public String title() {
        return inUnit(words);
    }

    /** As {@link #title}, in a word or two. */
    public String head() {
        return inUnit(brief);
    }

    private String inUnit(String text) {
        return unit.words.isEmpty() ? text : text + ", " + unit.words;
    }

    /** A value in the unit that it is shown in. */
    public double inUnits(double value) {
        return value / unit.size;
    }

    /** A value and its unit, for a person. */
    public String shown(double value) {
        return (number(value) + " " + unit.words).strip();
    }

    /** A value in the unit that it is shown in, for a person. */
    public String number(double value) {
        return String.format(Locale.ROOT, "%.1f", inUnits(value));
    }

    /** How much it may grow over what is judged of a run: a share of its median, or a floor where that is more. */
    double allowed(double median) {
        return Math.max(allowedFloor, allowedShare * median);
    }

    private enum Unit {
        MIB("MiB", 1 << 20, "_bytes"),
        MS("ms", 1e-3, "_s"),
        ONE("", 1, "");

        private final String words;
        private final double size;
        private final String keyEnd;

        Unit(String words, double size, String keyEnd) {
            this.words = words;
            this.size = size;
            this.keyEnd = keyEnd;
        }
    }
}
