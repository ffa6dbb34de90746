// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.vcpu.v1.Memslot;
import io.faultline.proto.vcpu.v1.RegisterVmRequest;
import io.faultline.proto.vcpu.v1.VmServiceGrpc;
import io.faultline.proto.vcpu.v1.VmSpec;
import io.faultline.rpc.Channels;
import io.faultline.standalone.Standalone;
import io.faultline.standalone.StandaloneSettings;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands against services that talk TLS, to them and to each other. */
class TlsIT {
    private static final int FAULTS = 2_000;
    private static final int PAGE = WireHost.PAGE;
    private static final int HELD = 0;
    private static final int BAD_INPUT = 2;
    private static final int NO_CONNECTION = 3;

    @TempDir
    private static Path directory;

    @SuppressWarnings("NullAway.Init") // Set before all tests.
    private static Certificates certificates;

    @SuppressWarnings("NullAway.Init") // Set before all tests.
    private static Standalone standalone;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void start() {
        certificates = Certificates.in(directory.resolve("tls"));
        StandaloneSettings settings = new StandaloneSettings(
                        directory.resolve("data"), StandaloneSettings.Ports.ANY, null, "memory", 8 << 20, 1 << 20)
                .withTls(certificates.directory());
        standalone = Standalone.start(settings, part -> {});
    }

    @AfterAll
    static void stop() {
        standalone.close();
    }

    @Test
    void aReplayWithACertificateKeepsEveryInvariantAndAWholeTrail() throws IOException {
        Path json = directory.resolve("replay.json");

        assertThat(replay(
                        certificates.options("client/me"),
                        "--json=" + json,
                        "--bootstrap=" + standalone.bootstrapServers()))
                .as(err + out.toString())
                .isEqualTo(HELD);

        ReplayJson.requireSound(ReplayJson.read(json), FAULTS);
        assertThat(ReplayJson.resolvedReady(ReplayJson.read(json))
                        + ReplayJson.outcome(ReplayJson.read(json), "resolved_cancelled"))
                .as("guests were told, and took it back")
                .isPositive();
    }

    @Test
    void aReplayInPlainTextIsToldWhatTheServiceWants() {
        assertThat(replay(List.of())).isEqualTo(NO_CONNECTION);
        assertThat(err.toString())
                .contains("vcpu-service at " + standalone.vcpuAddress()
                        + " cannot be reached: UNAVAILABLE: the other"
                        + " side speaks TLS, and was spoken to in plain text");
    }

    @Test
    void aClientLooksAtItsOwnCertificateBeforeItConnects() {
        Path at = certificates.issue("client/late");
        certificates.authority().issueExpired(at, "tls", "spiffe://faultline/client/late");

        assertThat(replay(List.of(
                        "--tls-ca=" + at.resolve("ca.pem"),
                        "--tls-cert=" + at.resolve("tls.pem"),
                        "--tls-key=" + at.resolve("tls.key"))))
                .isEqualTo(BAD_INPUT);
        assertThat(err.toString()).contains(at.resolve("tls.pem") + " expired ");
    }

    @Test
    void aCertificateWithoutItsKeyIsNotPlainText() {
        assertThat(replay(certificates.options("client/me").subList(0, 2))).isEqualTo(BAD_INPUT);
        assertThat(err.toString()).contains("--tls-key null (expected: all three, or none)");
    }

    @Test
    void anImageIsImported() throws IOException {
        Path image = Files.write(directory.resolve("image"), new byte[100 * PAGE]);
        ManagedChannel channel = Channels.connect(
                standalone.loop(),
                standalone.vcpuAddress(),
                certificates.of("client/owner").toward("vcpu-service"));
        try {
            VmServiceGrpc.newBlockingStub(channel)
                    .registerVm(RegisterVmRequest.newBuilder()
                            .setSpec(VmSpec.newBuilder()
                                    .setVmId(70)
                                    .addMemslots(
                                            Memslot.newBuilder().setBaseGfn(16).setPages(100))
                                    .addVcpuIds(0)
                                    .setResidentPagesMax(64)
                                    .setPageSizeBytes(PAGE))
                            .build());
        } finally {
            channel.shutdownNow();
        }

        assertThat(run(
                        "import",
                        certificates.options("client/owner"),
                        "--vm=70",
                        "--image=" + image,
                        "--vcpu=" + standalone.vcpuAddress()))
                .as(err.toString())
                .isEqualTo(HELD);
        assertThat(out.toString()).contains("VM 70: 100 pages");
    }

    @Test
    void theConformanceSuiteTalksToAllThree() {
        assertThat(run(
                        "conformance",
                        certificates.options("admin/me"),
                        "--case=A1,E2,P9",
                        "--vcpu=" + standalone.vcpuAddress(),
                        "--notifier=" + standalone.notifierAddress(),
                        "--pager=" + standalone.pagerAddress()))
                .as(err + out.toString())
                .isEqualTo(HELD);
        assertThat(out.toString()).contains("3 passed, 0 failed, 0 skipped");
    }

    private int replay(List<String> tls, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--faults=" + FAULTS,
                "--resident-pages=256",
                "--trace=../loadtest/traces/redis-swap.trace.gz",
                "--vcpu=" + standalone.vcpuAddress(),
                "--notifier=" + standalone.notifierAddress()));
        arguments.addAll(List.of(more));
        return run("replay", tls, arguments.toArray(String[]::new));
    }

    private int run(String command, List<String> tls, String... more) {
        List<String> arguments = new ArrayList<>(List.of(command));
        arguments.addAll(tls);
        arguments.addAll(List.of(more));
        return Faultline.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments.toArray(String[]::new));
    }
}
