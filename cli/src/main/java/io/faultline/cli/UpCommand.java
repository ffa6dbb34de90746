// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import io.faultline.standalone.Standalone;
import io.faultline.standalone.StandaloneSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the standalone system in the foreground until it is told to end. */
@Command(
        name = "up",
        description = "Starts the whole system on loopback and stays in the foreground; ctrl-C ends it in good order.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example, in two terminals:",
            "  faultline up --data-directory var/faultline",
            "  faultline replay --resident-pages 12288 --tasks 8"
        })
final class UpCommand implements Callable<Integer> {
    @Option(
            names = "--data-directory",
            paramLabel = "DIRECTORY",
            description = "Where swap store, broker, the audit's spool and log live (default: ${DEFAULT-VALUE})")
    private Path dataDirectory = Path.of("var", "faultline");

    @Mixin
    private final TierOptions tiers = new TierOptions(65_536, 65_536);

    @Mixin
    private final TraceOptions traces = new TraceOptions();

    @Option(
            names = "--prefetch-pages",
            paramLabel = "N",
            description =
                    "How many pages ahead of a vCPU's misses are prefetched at most, 0 to 32, 0 for none, for VMs that"
                            + " do not say (default: 32)")
    private @Nullable Integer prefetchPages;

    @Option(names = "--vcpu-port", paramLabel = "PORT", description = "vcpu-service's port (default: ${DEFAULT-VALUE})")
    private int vcpuPort = 7001;

    @Option(
            names = "--pager-port",
            paramLabel = "PORT",
            description = "pager-service's port (default: ${DEFAULT-VALUE})")
    private int pagerPort = 7002;

    @Option(
            names = "--notifier-port",
            paramLabel = "PORT",
            description = "notifier-service's port (default: ${DEFAULT-VALUE})")
    private int notifierPort = 7003;

    @Option(
            names = "--vcpu-management-port",
            paramLabel = "PORT",
            description = "Where vcpu-service's metrics are, -1 for none (default: ${DEFAULT-VALUE})")
    private int vcpuManagementPort = 7101;

    @Option(
            names = "--pager-management-port",
            paramLabel = "PORT",
            description = "Where pager-service's metrics are, -1 for none (default: ${DEFAULT-VALUE})")
    private int pagerManagementPort = 7102;

    @Option(
            names = "--notifier-management-port",
            paramLabel = "PORT",
            description = "Where notifier-service's metrics are, -1 for none (default: ${DEFAULT-VALUE})")
    private int notifierManagementPort = 7103;

    @Option(
            names = "--broker-port",
            paramLabel = "PORT",
            description = "The embedded broker's port (default: ${DEFAULT-VALUE})")
    private int brokerPort = 9092;

    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT",
            description = "A Kafka broker of yours, in place of the embedded one")
    private @Nullable String bootstrap;

    @Option(
            names = "--tls",
            paramLabel = "DIRECTORY",
            description =
                    "Talk TLS with the certificates in there, as deploy/tls/dev-ca makes them (default: plain text)")
    private @Nullable Path tlsDirectory;

    @Override
    public Integer call() throws InterruptedException {
        StandaloneSettings settings = new StandaloneSettings(
                dataDirectory,
                new StandaloneSettings.Ports(
                        vcpuPort,
                        pagerPort,
                        notifierPort,
                        brokerPort,
                        new StandaloneSettings.ManagementPorts(
                                vcpuManagementPort, pagerManagementPort, notifierManagementPort)),
                bootstrap,
                tiers.store(),
                tiers.dramMaxBytes(),
                tiers.compressedMaxBytes(),
                traces.traces(),
                prefetchPages,
                tlsDirectory,
                List.of("--faultline.audit.spool-directory="
                        + dataDirectory.resolve("spool").toAbsolutePath()));
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("end").unstarted(() -> {
            asked.countDown();
            try {
                ended.await();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }));
        try (Standalone standalone = Standalone.start(settings, part -> Terminal.say("Starting " + part + " …"))) {
            Terminal.say("");
            Terminal.say(
                    "  vcpu-service      " + standalone.vcpuAddress() + metrics(standalone.vcpuManagementAddress()));
            Terminal.say(
                    "  pager-service     " + standalone.pagerAddress() + metrics(standalone.pagerManagementAddress()));
            Terminal.say("  notifier-service  " + standalone.notifierAddress()
                    + metrics(standalone.notifierManagementAddress()));
            Terminal.say("  Kafka             " + standalone.bootstrapServers());
            Terminal.say("  log               " + standalone.logFile());
            Terminal.say("");
            String outage = standalone.swapStoreOutage();
            if (outage != null) {
                Terminal.say("Warning: " + outage + ". Its pages are unavailable until it can be.");
                Terminal.say("");
            }
            Terminal.say("Faultline is up. Ctrl-C ends it.");
            asked.await();
            Terminal.say("Ending …");
        } finally {
            ended.countDown();
        }
        return 0;
    }

    private static String metrics(String managementAddress) {
        return managementAddress.endsWith(":-1") ? "" : "   http://" + managementAddress + "/actuator/prometheus";
    }
}
