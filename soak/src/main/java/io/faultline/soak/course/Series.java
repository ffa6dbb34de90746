// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.course;

import java.util.Arrays;
import java.util.Objects;

/** What one measure of one process was, over time. Its owner adds to it, with times that grow. */
public final class Series {
    private static final int ROOM = 128;

    private final String process;
    private final Measure measure;
    private double[] times = new double[ROOM];
    private double[] values = new double[ROOM];
    private int size;

    /** One without samples. */
    public Series(String process, Measure measure) {
        this.process = process;
        this.measure = measure;
    }

    /** Adds a sample; {@code s} in seconds from the run's beginning. */
    public void add(double s, double value) {
        if (size > 0 && s <= times[size - 1]) {
            throw new IllegalArgumentException("time: " + s + " s (expected: more than " + times[size - 1] + ")");
        }
        if (size == times.length) {
            times = Arrays.copyOf(times, 2 * size);
            values = Arrays.copyOf(values, 2 * size);
        }
        times[size] = s;
        values[size] = value;
        size++;
    }

    /** Whose it is. */
    public String process() {
        return process;
    }

    /** What was measured. */
    public Measure measure() {
        return measure;
    }

    /** How many samples it has. */
    public int size() {
        return size;
    }

    /** When a sample was taken, in seconds from the run's beginning. */
    public double time(int i) {
        return times[Objects.checkIndex(i, size)];
    }

    /** A sample: bytes, seconds or a number. */
    public double value(int i) {
        return values[Objects.checkIndex(i, size)];
    }

    /** The samples from a time on. */
    Series from(double s) {
        Series rest = new Series(process, measure);
        for (int i = 0; i < size; i++) {
            if (times[i] >= s) {
                rest.add(times[i], values[i]);
            }
        }
        return rest;
    }
}
