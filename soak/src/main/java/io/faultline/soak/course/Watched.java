// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.course;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A service's process whose course is taken. Immutable.
 *
 * @param name it, for people; the same when it is started again
 * @param process it, as it is now; asked by the sampler's thread
 * @param managementPort where its metrics are, on loopback
 * @param measures what is measured
 */
public record Watched(String name, Supplier<Process> process, int managementPort, Set<Measure> measures) {
    /** Copies the set. */
    public Watched {
        measures = Set.copyOf(measures);
    }

    /** A service: all measures that this machine has, but for how long faults take. */
    public static Watched service(String name, Supplier<Process> process, int managementPort) {
        EnumSet<Measure> measures = EnumSet.copyOf(Measure.OF_A_SERVICE);
        if (!Files.isReadable(Path.of("/proc/self/status"))) {
            measures.removeAll(Measure.OF_THE_SYSTEM);
        }
        return new Watched(name, process, managementPort, measures);
    }

    /** It, and how long its faults take. */
    public Watched withFaults() {
        EnumSet<Measure> measures = EnumSet.copyOf(this.measures);
        measures.addAll(Measure.OF_FAULTS);
        return new Watched(name, process, managementPort, measures);
    }
}
