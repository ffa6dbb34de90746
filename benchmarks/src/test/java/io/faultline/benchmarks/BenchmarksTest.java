// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.vcpu.domain.FaultDecisionBenchmark;
import java.util.Collection;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** The benchmarks run; how fast they are is for {@code ./faultline bench jmh} to say. */
class BenchmarksTest {
    private static final String ALLOCATED_BYTES_PER_OPERATION = "gc.alloc.rate.norm";

    @Test
    void theFaultDecisionAllocatesNothing() throws RunnerException {
        Collection<RunResult> results = new Runner(brief().include(FaultDecisionBenchmark.class.getSimpleName())
                        .addProfiler(GCProfiler.class)
                        .warmupIterations(1)
                        .warmupTime(TimeValue.milliseconds(300))
                        .measurementTime(TimeValue.milliseconds(300))
                        .build())
                .run();

        assertThat(results)
                .hasSizeGreaterThanOrEqualTo(3)
                .allSatisfy(result -> assertThat(allocatedBytes(result))
                        .as("bytes an operation of " + result.getParams().id())
                        .isLessThan(0.5));
    }

    @Test
    void everyBenchmarkRuns() throws RunnerException {
        Collection<RunResult> results = new Runner(brief().warmupIterations(0)
                        .measurementTime(TimeValue.milliseconds(10))
                        .build())
                .run();

        assertThat(results)
                .extracting(result -> result.getPrimaryResult().getScore())
                .allMatch(score -> score > 0);
    }

    private static double allocatedBytes(RunResult result) {
        Result<?> bytes = result.getSecondaryResults().get(ALLOCATED_BYTES_PER_OPERATION);
        return Objects.requireNonNull(bytes, ALLOCATED_BYTES_PER_OPERATION).getScore();
    }

    /** In this process, and an error fails the run. */
    private static ChainedOptionsBuilder brief() {
        return new OptionsBuilder()
                .forks(0)
                .measurementIterations(1)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
    }
}
