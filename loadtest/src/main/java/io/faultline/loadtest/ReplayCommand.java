// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest;

import io.faultline.audit.AuditTrail;
import io.faultline.audit.BrokerUnavailableException;
import io.faultline.audit.verify.AuditReport;
import io.faultline.loadtest.replay.ReplayException;
import io.faultline.loadtest.replay.ReplayResult;
import io.faultline.loadtest.replay.ReplaySettings;
import io.faultline.loadtest.report.RunReport;
import io.faultline.loadtest.report.history.RunRecorder;
import io.faultline.loadtest.trace.TraceException;
import io.faultline.rpc.tls.TlsOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Replays a recording against services that run already. One use. */
@Command(
        name = "replay",
        description = "Replays a recorded fault stream against running services and checks what comes of it.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:everything that must hold did",
            "1:an invariant was broken, or a fault got no outcome",
            "2:a setting or the recording cannot be used",
            "3:a service or the broker cannot be reached",
            "130:interrupted; the VM was unregistered"
        })
public final class ReplayCommand implements Callable<Integer> {
    private static final int HELD = 0;
    private static final int BROKEN = 1;
    private static final int BAD_INPUT = 2;
    private static final int NO_CONNECTION = 3;
    private static final int INTERRUPTED = 130;

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private CommandSpec spec;

    @Mixin
    private final ReplayOptions options = new ReplayOptions();

    @Option(names = "--vcpu", paramLabel = "HOST:PORT", description = "vcpu-service (default: ${DEFAULT-VALUE})")
    private String vcpuAddress = "127.0.0.1:7001";

    @Option(
            names = "--notifier",
            paramLabel = "HOST:PORT",
            description = "notifier-service (default: ${DEFAULT-VALUE})")
    private String notifierAddress = "127.0.0.1:7003";

    @Mixin
    private final TlsOptions tls = new TlsOptions();

    @Option(
            names = "--vms",
            paramLabel = "N",
            description = {
                "The same recording in N VMs at once, 1 to 64, whose ids count up from --vm-id;",
                "every other option is of each of them (default: ${DEFAULT-VALUE})"
            })
    private int vms = 1;

    @Option(
            names = "--vm-offset",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How much later than the one before each VM begins, such as 500ms (default: all at once)")
    private Duration vmOffset = Duration.ZERO;

    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT",
            description = "A Kafka broker: verify the VM's audit trail afterwards")
    private @Nullable String bootstrap;

    @Option(names = "--topic", description = "The audit trail's topic (default: ${DEFAULT-VALUE})")
    private String topic = AuditTrail.DEFAULT_TOPIC;

    @Mixin
    private final ReportOptions files = new ReportOptions();

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        try {
            ReplaySettings settings = options.settings()
                    .withServices(new ReplaySettings.Services(vcpuAddress, notifierAddress, tls.credentials()));
            files.requireDirectories();
            if (vms != 1) {
                return replayMany(settings);
            }
            Instant beganAt = Instant.now();
            RunRecorder recorder = new RunRecorder();
            ReplayResult result = ReplayRun.run(settings, recorder);
            AuditReport audit = bootstrap == null
                    ? null
                    : ReplayOutput.verify(bootstrap, topic, settings.vm().id(), true);
            RunReport report = new RunReport(
                    new RunReport.Origin("replay", beganAt, settings, platform()), result, audit, recorder);
            ReplayOutput.write(spec.commandLine().getOut(), files, report);
            return report.hasHeld() ? HELD : BROKEN;
        } catch (TraceException | IllegalArgumentException e) {
            err.println(e.getMessage());
            return BAD_INPUT;
        } catch (ReplayException e) {
            err.println(e.getMessage());
            return exitCode(e.kind());
        } catch (BrokerUnavailableException e) {
            err.println(e.getMessage());
            return NO_CONNECTION;
        } catch (IOException e) {
            err.println(e.getMessage());
            return BAD_INPUT;
        }
    }

    private int replayMany(ReplaySettings settings) throws IOException {
        files.requireNoHtml("one VM, or --json");
        Map<Long, ReplayResult> results = ReplayRun.run(settings, vms, vmOffset);
        AuditReport audit = bootstrap == null ? null : ReplayOutput.verify(bootstrap, topic, results.keySet(), true);
        ReplayOutput.write(spec.commandLine().getOut(), files, results, audit);
        boolean held = results.values().stream().allMatch(ReplayResult::hasHeld);
        return held && (audit == null || audit.holds()) ? HELD : BROKEN;
    }

    private Map<String, Object> platform() {
        return Map.of("vcpu_service", vcpuAddress, "notifier_service", notifierAddress);
    }

    private static int exitCode(ReplayException.Kind kind) {
        return switch (kind) {
            case BAD_INPUT -> BAD_INPUT;
            case NO_CONNECTION, VM_LOST -> NO_CONNECTION;
            case STALLED -> BROKEN;
            case STOPPED -> INTERRUPTED;
        };
    }

    /** The command on its own. */
    public static CommandLine commandLine() {
        return new CommandLine(new ReplayCommand()).setCaseInsensitiveEnumValuesAllowed(true);
    }
}
