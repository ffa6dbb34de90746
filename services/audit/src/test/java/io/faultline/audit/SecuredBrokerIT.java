// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.audit.verify.AuditReport;
import io.faultline.audit.verify.AuditVerifier;
import io.faultline.authority.TestAuthority;
import io.faultline.broker.EmbeddedBroker;
import io.faultline.model.AuditChain;
import io.faultline.model.AuditStep;
import io.faultline.model.StepKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A broker that speaks TLS only, and asks its clients for certificates. */
@Timeout(120)
class SecuredBrokerIT {
    private static final String TOPIC = "faultline.audit";

    @TempDir
    private Path directory;

    private final TestAuthority authority = new TestAuthority();
    private EmbeddedBroker broker;

    @BeforeEach
    void start() throws IOException {
        broker = EmbeddedBroker.start(
                directory.resolve("kafka"),
                0,
                "SSL",
                settings(authority, "broker", Map.of("ssl.client.auth", "required")));
    }

    @AfterEach
    void end() {
        broker.close();
    }

    @Test
    void theTrailIsWrittenAndReadThroughTheFilesSettings() throws IOException {
        String client = clientFile(authority);
        try (KafkaAuditLog log = KafkaAuditLog.open(new AuditSource("vcpu-service"), properties(client))) {
            AuditStep carrier = new AuditStep();
            AuditChain chain = new AuditChain(1, 0, carrier);
            log.append(chain.next(StepKind.OPENED, 1));
            log.append(chain.next(StepKind.CLOSED, 1));
        }

        AuditVerifier verifier = new AuditVerifier(false, 10);
        try (AuditTrail trail = new AuditTrail(broker.bootstrapServers(), KafkaSecurity.of(client), TOPIC)) {
            trail.feed(verifier);
        }
        AuditReport report = verifier.finish();
        assertThat(report.steps()).isEqualTo(2);
        assertThat(report.gaps()).isZero();
    }

    @Test
    void aStartInPlainTextIsRefused() {
        assertThatThrownBy(() -> KafkaAuditLog.open(new AuditSource("vcpu-service"), properties("")))
                .isInstanceOf(BrokerUnavailableException.class)
                .hasMessageContaining("no Kafka broker at " + broker.bootstrapServers());
    }

    @Test
    void aFileThatCannotBeUsedEndsTheStart() {
        String missing = directory.resolve("none").toString();

        assertThatThrownBy(() -> KafkaAuditLog.open(new AuditSource("vcpu-service"), properties(missing)))
                .isInstanceOf(KafkaClientFileException.class)
                .hasMessageContaining(missing);
    }

    @Test
    void aBrokerOfAnotherAuthorityIsRefused() throws IOException {
        String client = clientFile(new TestAuthority());

        assertThatThrownBy(() -> KafkaAuditLog.open(new AuditSource("vcpu-service"), properties(client)))
                .isInstanceOf(BrokerUnavailableException.class)
                .hasMessageContaining("certificate_unknown");
    }

    private AuditProperties properties(String clientFile) {
        return new AuditProperties(
                true,
                true,
                broker.bootstrapServers(),
                clientFile,
                TOPIC,
                1,
                "here",
                1_024,
                5,
                5,
                1 << 14,
                1 << 17,
                5_000,
                5_000,
                "",
                1 << 20);
    }

    private String clientFile(TestAuthority by) throws IOException {
        Map<String, String> settings = settings(by, "client", Map.of("security.protocol", "SSL"));
        Path file = directory.resolve("client.properties");
        Files.write(
                file,
                settings.entrySet().stream()
                        .map(each -> each.getKey() + "=" + each.getValue())
                        .toList());
        return file.toString();
    }

    /** A certificate and its key in one PEM file, as Kafka wants it, and whom to trust. */
    private Map<String, String> settings(TestAuthority by, String name, Map<String, String> more) throws IOException {
        Path own = Files.createDirectories(directory.resolve(name));
        by.issue(own, name, "spiffe://faultline/client/" + name);
        Path pair = own.resolve("pair.pem");
        Files.write(
                pair,
                List.of(Files.readString(own.resolve(name + ".key")), Files.readString(own.resolve(name + ".pem"))));
        Map<String, String> settings = new HashMap<>(more);
        settings.put("ssl.keystore.type", "PEM");
        settings.put("ssl.keystore.location", pair.toString());
        settings.put("ssl.truststore.type", "PEM");
        settings.put("ssl.truststore.location", own.resolve("ca.pem").toString());
        // Its certificates name no host.
        settings.put("ssl.endpoint.identification.algorithm", "");
        return settings;
    }
}
