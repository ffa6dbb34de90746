// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import io.faultline.audit.AuditTrail;
import io.faultline.audit.verify.AuditReport;
import io.faultline.loadtest.ReplayOptions;
import io.faultline.loadtest.ReplayOutput;
import io.faultline.loadtest.ReplayRun;
import io.faultline.loadtest.ReportOptions;
import io.faultline.loadtest.replay.ReplayResult;
import io.faultline.loadtest.replay.ReplaySettings;
import io.faultline.loadtest.report.RunReport;
import io.faultline.loadtest.report.history.RunRecorder;
import io.faultline.standalone.Standalone;
import io.faultline.standalone.StandaloneSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The main job on embedded defaults: everything in this JVM, one recording, a verdict. */
@Command(
        name = "demo",
        description = {
            "Starts the whole system in one JVM (three services over gRPC, a real Kafka broker, a swap store), replays a recorded"
                    + " fault stream through it, verifies the audit trail, and ends with a summary.",
            ""
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example:", "  faultline demo --json demo.json --html demo.html"},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every invariant held",
            "1:an invariant was broken, or a fault got no outcome",
            "2:a setting or the recording cannot be used, or the system cannot start",
            "130:interrupted"
        })
final class DemoCommand implements Callable<Integer> {
    private static final int HELD = 0;
    private static final int BROKEN = 1;

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private CommandSpec spec;

    @Mixin
    private final ReplayOptions options = new ReplayOptions();

    @Mixin
    private final TierOptions tiers = new TierOptions(2_048, 4_096);

    @Mixin
    private final TraceOptions traces = new TraceOptions();

    @Option(
            names = "--data-directory",
            paramLabel = "DIRECTORY",
            description = "Keep swap store, broker and log there (default: a temporary directory, deleted at the end)")
    private @Nullable Path dataDirectory;

    @Mixin
    private final ReportOptions files = new ReportOptions();

    @Override
    public Integer call() throws IOException {
        ReplaySettings settings = options.settings();
        files.requireDirectories();
        Instant beganAt = Instant.now();
        RunRecorder recorder = new RunRecorder();
        try (DataDirectory data = DataDirectory.open(dataDirectory);
                Standalone standalone = Standalone.start(standaloneSettings(data.path()), DemoCommand::starting)) {
            String outage = standalone.swapStoreOutage();
            if (outage != null) {
                throw new IllegalStateException(outage);
            }
            ReplayResult result = ReplayRun.run(
                    settings.withServices(
                            new ReplaySettings.Services(standalone.vcpuAddress(), standalone.notifierAddress())),
                    standalone.loop(),
                    recorder);
            standalone.closeServices();
            Terminal.say("Verifying the audit trail …");
            AuditReport audit = ReplayOutput.verify(
                    standalone.bootstrapServers(),
                    AuditTrail.DEFAULT_TOPIC,
                    settings.vm().id(),
                    false);
            RunReport report =
                    new RunReport(new RunReport.Origin("demo", beganAt, settings, platform()), result, audit, recorder);
            ReplayOutput.write(spec.commandLine().getOut(), files, report);
            return report.hasHeld() ? HELD : BROKEN;
        }
    }

    private Map<String, Object> platform() {
        Map<String, Object> platform = new LinkedHashMap<>();
        platform.put("swap_store", tiers.store());
        platform.put("dram_bytes_max", tiers.dramMaxBytes());
        platform.put("compressed_bytes_max", tiers.compressedMaxBytes());
        return platform;
    }

    private StandaloneSettings standaloneSettings(Path directory) {
        return new StandaloneSettings(
                directory,
                StandaloneSettings.Ports.ANY,
                null,
                tiers.store(),
                tiers.dramMaxBytes(),
                tiers.compressedMaxBytes(),
                traces.traces());
    }

    private static void starting(String part) {
        Terminal.say("Starting " + part + " …");
    }
}
