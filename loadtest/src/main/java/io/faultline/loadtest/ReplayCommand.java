// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest;

import io.faultline.audit.AuditTrail;
import io.faultline.audit.BrokerUnavailableException;
import io.faultline.audit.verify.AuditReport;
import io.faultline.audit.verify.AuditVerifier;
import io.faultline.loadtest.replay.Replay;
import io.faultline.loadtest.replay.ReplayException;
import io.faultline.loadtest.replay.ReplayResult;
import io.faultline.loadtest.replay.ReplaySettings;
import io.faultline.loadtest.report.ReportJson;
import io.faultline.loadtest.report.SummaryTable;
import io.faultline.loadtest.report.TerminalProgress;
import io.faultline.loadtest.trace.TraceException;
import io.faultline.proto.audit.v1.AuditBlock;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
    private static final int AUDIT_DETAILS_MAX = 10;
    private static final long STOP_TIMEOUT_S = 20;

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

    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT",
            description = "A Kafka broker: verify the VM's audit trail afterwards")
    private @Nullable String bootstrap;

    @Option(names = "--topic", description = "The audit trail's topic (default: ${DEFAULT-VALUE})")
    private String topic = "faultline.audit";

    @Option(names = "--json", paramLabel = "FILE", description = "Write the result there as a JSON object too")
    private @Nullable Path json;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        try {
            ReplaySettings settings =
                    options.settings().withServices(new ReplaySettings.Services(vcpuAddress, notifierAddress));
            ReplayResult result = replay(settings);
            AuditReport audit = bootstrap == null
                    ? null
                    : verify(bootstrap, topic, settings.vm().id());
            report(result, audit);
            return result.hasHeld() && (audit == null || audit.holds()) ? HELD : BROKEN;
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
            err.println(json + " cannot be written: " + e.getMessage());
            return BAD_INPUT;
        }
    }

    /** Replays with progress on standard error; an interrupt from the keyboard unregisters the VM first. */
    private static ReplayResult replay(ReplaySettings settings) {
        CountDownLatch ended = new CountDownLatch(1);
        try (TerminalProgress progress = TerminalProgress.start()) {
            Replay replay = new Replay(settings, progress);
            Thread stopper = Thread.ofPlatform().unstarted(() -> {
                replay.stop();
                awaitQuietly(ended);
            });
            Runtime.getRuntime().addShutdownHook(stopper);
            try {
                return replay.run();
            } finally {
                ended.countDown();
                removeQuietly(stopper);
            }
        }
    }

    private static void removeQuietly(Thread stopper) {
        try {
            Runtime.getRuntime().removeShutdownHook(stopper);
        } catch (IllegalStateException shuttingDown) {
            // It runs already, and waits for nothing more.
        }
    }

    private static void awaitQuietly(CountDownLatch ended) {
        try {
            ended.await(STOP_TIMEOUT_S, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static AuditReport verify(String bootstrapServers, String topicName, long vmId) {
        AuditVerifier verifier = new AuditVerifier(true, AUDIT_DETAILS_MAX);
        try (AuditTrail trail = new AuditTrail(bootstrapServers, topicName)) {
            trail.read(new AuditTrail.Reader() {
                @Override
                public boolean block(AuditBlock block) {
                    if (block.getVmId() == vmId) {
                        verifier.accept(block);
                    }
                    return true;
                }

                @Override
                public boolean unreadable(int partition, long offset, String why) {
                    verifier.unreadable(partition, offset, why);
                    return true;
                }
            });
        }
        return verifier.finish();
    }

    private void report(ReplayResult result, @Nullable AuditReport audit) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        out.print(SummaryTable.of(result, audit));
        if (audit != null) {
            audit.details().forEach(detail -> out.println("  " + detail.rule() + ": " + detail.sentence()));
        }
        out.flush();
        if (json != null) {
            Files.writeString(json, ReportJson.of(result, audit) + "\n");
        }
    }

    private static int exitCode(ReplayException.Kind kind) {
        return switch (kind) {
            case BAD_INPUT -> BAD_INPUT;
            case NO_CONNECTION -> NO_CONNECTION;
            case STALLED -> BROKEN;
            case STOPPED -> INTERRUPTED;
        };
    }

    /** The command on its own. */
    public static CommandLine commandLine() {
        return new CommandLine(new ReplayCommand()).setCaseInsensitiveEnumValuesAllowed(true);
    }
}
