// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance;

import io.faultline.conformance.driver.Endpoints;
import io.faultline.rpc.tls.TlsOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Holds a running deployment, whoever wrote it, to the protocol. One use. */
@Command(
        name = "conformance",
        description = "Holds a running deployment to the protocol, case by case, over gRPC only. "
                + "Its VMs have ids of their own and end with their case.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every case passed or does not apply",
            "1:a case failed",
            "2:a setting cannot be used",
            "3:a service cannot be reached"
        })
public final class ConformanceCommand implements Callable<Integer> {
    private static final int HELD = 0;
    private static final int BROKEN = 1;
    private static final int BAD_INPUT = 2;
    private static final int NO_CONNECTION = 3;
    private static final long TIMEOUT_MS_MIN = 100;
    private static final long TIMEOUT_MS_MAX = 600_000;
    /* A run uses a few hundred ids, so a base that is drawn from this many keeps two runs apart. */
    private static final long VM_BASE_STEP = 1_000;
    private static final long VM_BASE_FIRST = 1L << 40;
    private static final long VM_BASE_MAX = 1L << 62;

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private CommandSpec spec;

    @Option(names = "--vcpu", paramLabel = "HOST:PORT", description = "vcpu-service (default: ${DEFAULT-VALUE})")
    private String vcpuAddress = "127.0.0.1:7001";

    @Option(
            names = "--notifier",
            paramLabel = "HOST:PORT",
            description = "notifier-service (default: ${DEFAULT-VALUE})")
    private String notifierAddress = "127.0.0.1:7003";

    @Option(names = "--pager", paramLabel = "HOST:PORT", description = "pager-service (default: ${DEFAULT-VALUE})")
    private String pagerAddress = "127.0.0.1:7002";

    @Mixin
    private final TlsOptions tls = new TlsOptions();

    @Option(names = "--case", paramLabel = "ID", split = ",", description = "Only these cases, such as A1,G10")
    private List<String> cases = List.of();

    @Option(names = "--list", description = "Name the cases and where they come from, and run none")
    private boolean list;

    @Option(
            names = "--timeout-ms",
            paramLabel = "MS",
            description = "How long one case may take (default: ${DEFAULT-VALUE})")
    private long timeoutMs = 10_000;

    @Option(
            names = "--vm-base",
            paramLabel = "ID",
            description = "The first of the VM ids that are used (default: drawn at random, 2^40 or more)")
    private @Nullable Long vmBase;

    @Option(names = "--verbose", description = "Print what every case said and heard")
    private boolean verbose;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the results there as a JSON object too")
    private @Nullable Path json;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        requireInRange();
        try {
            List<Suite.Entry> chosen = cases.isEmpty() ? Suite.all() : Suite.of(cases);
            if (list) {
                chosen.forEach(entry -> out.printf(
                        "%-4s  %-12s  %s%n",
                        entry.id(),
                        entry.description().source(),
                        entry.description().holds()));
                out.flush();
                return HELD;
            }
            try (Endpoints endpoints = new Endpoints(vcpuAddress, notifierAddress, pagerAddress, tls.credentials())) {
                String outage = endpoints.outage();
                if (outage != null) {
                    err.println(outage);
                    return NO_CONNECTION;
                }
                return run(endpoints, chosen, out);
            }
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage());
            return BAD_INPUT;
        } catch (IOException e) {
            err.println(json + " cannot be written: " + e.getMessage());
            return BAD_INPUT;
        }
    }

    private int run(Endpoints endpoints, List<Suite.Entry> chosen, PrintWriter out) throws IOException {
        long firstVmId = vmBase == null ? drawVmBase() : vmBase;
        out.println(endpoints);
        out.println("VM ids from " + firstVmId);
        out.println();
        out.flush();
        Runner runner = new Runner(endpoints, timeoutMs, firstVmId);
        Report report = new Report(out, verbose);
        chosen.forEach(entry -> report.add(runner.run(entry)));
        report.end();
        if (json != null) {
            report.writeJson(json, endpoints);
        }
        return report.hasFailed() ? BROKEN : HELD;
    }

    private void requireInRange() {
        if (timeoutMs < TIMEOUT_MS_MIN || timeoutMs > TIMEOUT_MS_MAX) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--timeout-ms: " + timeoutMs + " (expected: " + TIMEOUT_MS_MIN + " to " + TIMEOUT_MS_MAX + ")");
        }
        if (vmBase != null && (vmBase < 1 || vmBase > VM_BASE_MAX)) {
            throw new ParameterException(
                    spec.commandLine(), "--vm-base: " + vmBase + " (expected: 1 to " + VM_BASE_MAX + ")");
        }
    }

    private static long drawVmBase() {
        long bases = (VM_BASE_MAX - VM_BASE_FIRST) / VM_BASE_STEP;
        return VM_BASE_FIRST + ThreadLocalRandom.current().nextLong(bases) * VM_BASE_STEP;
    }
}
