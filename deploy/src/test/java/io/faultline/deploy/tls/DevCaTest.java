// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.deploy.OutsideTool;
import io.faultline.deploy.Repository;
import io.faultline.rpc.tls.TlsCredentials;
import io.faultline.rpc.tls.TlsFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code deploy/tls/dev-ca} makes, as the services read it. */
class DevCaTest {
    private static final long TIMEOUT_S = 60;
    private static final Path SCRIPT = Repository.ROOT.resolve("deploy/tls/dev-ca");

    @TempDir
    private Path directory;

    @BeforeEach
    void hasOpenssl() {
        new OutsideTool("openssl", "openssl").require();
    }

    @Test
    void everyPartyGetsCredentialsThatSayWhoItIs() throws Exception {
        assertThat(run(Map.of()).status()).isZero();
        assertThat(run(Map.of(), "vm", "7").status()).isZero();
        assertThat(run(Map.of(), "client", "night-run").status()).isZero();

        for (String party : List.of(
                "service/vcpu-service",
                "service/pager-service",
                "service/notifier-service",
                "client/dev",
                "admin/dev",
                "vm/7",
                "client/night-run")) {
            assertThat(identity(party)).isEqualTo("spiffe://faultline/" + party);
        }
    }

    @Test
    void nobodyElseMayReadTheKeys() throws Exception {
        assertThat(run(Map.of(), "client", "me").status()).isZero();

        assertThat(permissions("client-me/tls.key")).isEqualTo("rw-------");
        assertThat(permissions("authority/ca.key")).isEqualTo("rw-------");
        assertThat(permissions("client-me/tls.pem")).isEqualTo("rw-r--r--");
        try (Stream<Path> files = Files.list(directory.resolve("client-me"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("ca.pem", "tls.pem", "tls.key");
        }
    }

    @Test
    void aContainersUserMayReadAKeyThatNobodyElseGetsTo() throws Exception {
        assertThat(run(Map.of(), "client", "me").status()).isZero();
        assertThat(run(Map.of("KEY_MODE", "644"), "client", "me").status()).isZero();
        assertThat(run(Map.of("KEY_MODE", "644"), "client", "you").status()).isZero();

        assertThat(permissions("client-me/tls.key")).isEqualTo("rw-r--r--");
        assertThat(permissions("client-you/tls.key")).isEqualTo("rw-r--r--");
        assertThat(permissions("authority/ca.key")).isEqualTo("rw-------");
        assertThat(permissions("")).isEqualTo("rwx------");
    }

    @Test
    void whatIsThereStaysUntilItsLastDay() throws Exception {
        assertThat(run(Map.of(), "client", "me").said()).contains("30 days");
        byte[] first = Files.readAllBytes(directory.resolve("client-me/tls.pem"));

        assertThat(run(Map.of(), "client", "me").said()).isEmpty();
        assertThat(directory.resolve("client-me/tls.pem")).hasBinaryContent(first);

        Files.delete(directory.resolve("client-me/tls.pem"));
        assertThat(run(Map.of("DAYS", "1"), "client", "me").said()).contains("1 days");
        byte[] second = Files.readAllBytes(directory.resolve("client-me/tls.pem"));
        assertThat(run(Map.of("DAYS", "2"), "client", "me").said()).contains("2 days");
        assertThat(Files.readAllBytes(directory.resolve("client-me/tls.pem"))).isNotEqualTo(second);
        assertThat(identity("client/me")).isEqualTo("spiffe://faultline/client/me");
    }

    @Test
    void anotherTrustDomainIsInTheNames() throws Exception {
        assertThat(run(Map.of("TRUST_DOMAIN", "test.example"), "admin", "ada").status())
                .isZero();

        assertThat(identity("admin/ada")).isEqualTo("spiffe://test.example/admin/ada");
    }

    @Test
    void namesThatTheServicesWouldRefuseAreRefusedHere() throws Exception {
        assertThat(run(Map.of(), "guest", "7"))
                .isEqualTo(new Run(2, "dev-ca: kind: guest (expected: service, client, vm or admin)\n"));
        assertThat(run(Map.of(), "vm", "07")).isEqualTo(new Run(2, "dev-ca: vm: 07 (expected: the VM's id)\n"));
        assertThat(run(Map.of(), "client", "a/b"))
                .isEqualTo(new Run(2, "dev-ca: name: a/b (expected: 1 to 64 of A-Z a-z 0-9 . _ -)\n"));
        assertThat(run(Map.of(), "client").status()).isEqualTo(2);
    }

    @Test
    void shellCheckFindsNothing() throws Exception {
        Path shellcheck = new OutsideTool("shellcheck", "shellcheck").require();

        assertThat(run(List.of(shellcheck.toString(), SCRIPT.toString()), Map.of()))
                .isEqualTo(new Run(0, ""));
    }

    private String identity(String party) {
        Path at = directory.resolve(party.replace('/', '-'));
        return TlsCredentials.load(new TlsFiles(at.resolve("ca.pem"), at.resolve("tls.pem"), at.resolve("tls.key")))
                .identity()
                .toString();
    }

    private String permissions(String file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(file)));
    }

    private Run run(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(SCRIPT.toString(), directory.toString()));
        command.addAll(List.of(arguments));
        return run(command, environment);
    }

    private static Run run(List<String> command, Map<String, String> environment)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(TIMEOUT_S, TimeUnit.SECONDS))
                .as(command.getFirst() + " ended")
                .isTrue();
        return new Run(process.exitValue(), said);
    }

    /** How a script ended, and what it printed. */
    private record Run(int status, String said) {}
}
