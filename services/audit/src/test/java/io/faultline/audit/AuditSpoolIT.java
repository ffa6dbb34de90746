// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.audit.verify.AuditReport;
import io.faultline.audit.verify.AuditVerifier;
import io.faultline.broker.EmbeddedBroker;
import io.faultline.model.StepKind;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real broker that goes away and comes again, and services that end meanwhile. */
@Timeout(120)
class AuditSpoolIT {
    private static final String TOPIC = "spooled";
    static final int RING_STEPS = 8_192;

    @TempDir
    Path directory;

    private String address = "";
    private int port;

    @BeforeEach
    void findAPlaceForTheBroker() {
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory.resolve("kafka"), 0)) {
            address = broker.bootstrapServers();
            port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
        }
    }

    @Test
    void aBrokerThatGoesAwayUnderTrafficAndComesAgainGetsEveryStepInItsOrder() {
        EmbeddedBroker first = broker();
        KafkaAuditLog vcpuLog = open("vcpu-service");
        KafkaAuditLog notifierLog = open("notifier-service");
        WrittenVcpu one = new WrittenVcpu(1, vcpuLog, notifierLog);
        WrittenVcpu two = new WrittenVcpu(2, vcpuLog, notifierLog);
        write(2_000, one, two, vcpuLog, notifierLog);
        first.close();
        // Many times what ring and producer hold.
        write(20_000, one, two, vcpuLog, notifierLog);
        assertThat(vcpuLog.spool().waitingSteps()).isGreaterThan(2 * RING_STEPS);
        assertThat(vcpuLog.spoolAgeUs()).isPositive();

        AuditReport report;
        try (EmbeddedBroker _ = broker()) {
            write(2_000, one, two, vcpuLog, notifierLog);
            one.close();
            two.close();
            await(() -> vcpuLog.lagSteps() + notifierLog.lagSteps() == 0);
            vcpuLog.close();
            notifierLog.close();
            report = verify(false);
        }

        assertThat(vcpuLog.dropped() + notifierLog.dropped()).isZero();
        assertThat(report.details()).isEmpty();
        assertThat(report.count(StepKind.RESOLVED)).isEqualTo(24_000);
        assertThat(report.steps()).isEqualTo(vcpuLog.steps() + notifierLog.steps());
        assertThat(report.replayedRecords()).isZero();
        assertThat(vcpuLog.spool().bytes()).isZero();
    }

    @Test
    void aServiceStartsWhileNobodyKnowsItsBrokersNameAndItsStepsWaitForTheNext() {
        String spool = directory.resolve("spool").toString();
        long written;
        try (KafkaAuditLog vcpuLog = open("vcpu-service", "broker.invalid:9092", TOPIC, spool);
                KafkaAuditLog notifierLog = open("notifier-service", "broker.invalid:9092", TOPIC, spool)) {
            WrittenVcpu vcpu = new WrittenVcpu(1, vcpuLog, notifierLog);
            for (int fault = 1; fault <= 100; fault++) {
                vcpu.fault(fault);
            }
            vcpu.close();
            written = vcpuLog.steps() + notifierLog.steps();
        }

        AuditReport report;
        try (EmbeddedBroker _ = broker();
                KafkaAuditLog vcpuLog = open("vcpu-service");
                KafkaAuditLog notifierLog = open("notifier-service")) {
            await(() -> vcpuLog.spool().bytes() + notifierLog.spool().bytes() == 0);
            report = verify(false);
        }

        assertThat(report.details()).isEmpty();
        assertThat(report.steps()).isEqualTo(written);
    }

    @Test
    void whatAKilledProcessHadOnDiskIsPublishedByTheNextStart() throws Exception {
        long spooled = killed(address);

        AuditReport report;
        try (EmbeddedBroker _ = broker();
                KafkaAuditLog vcpuLog = open("vcpu-service");
                KafkaAuditLog notifierLog = open("notifier-service")) {
            WrittenVcpu next = new WrittenVcpu(2, vcpuLog, notifierLog);
            next.fault(1);
            await(() -> vcpuLog.spool().bytes() + notifierLog.spool().bytes() == 0
                    && vcpuLog.lagSteps() + notifierLog.lagSteps() == 0);
            report = verify(true);
        }

        assertThat(report.details()).isEmpty();
        assertThat(report.steps()).isGreaterThanOrEqualTo(spooled + 11);
        // The chains of the life that was killed have no end: that is how the trail names what was in memory only.
        assertThat(report.openChains()).isEqualTo(4);
    }

    /** Runs a process until it has spooled what it says, and kills it while it writes on; how many steps that were. */
    private long killed(String broker) throws IOException, InterruptedException {
        Process victim = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        SpoolVictim.class.getName(),
                        broker,
                        TOPIC,
                        directory.resolve("spool").toString())
                .redirectError(directory.resolve("victim.err").toFile())
                .start();
        try (BufferedReader lines = victim.inputReader(StandardCharsets.UTF_8)) {
            String line = lines.readLine();
            while (line != null && !line.matches("[0-9]+")) {
                line = lines.readLine();
            }
            assertThat(line).as("what the process says").isNotNull();
            return Long.parseLong(line);
        } finally {
            victim.destroyForcibly();
            victim.waitFor();
        }
    }

    private EmbeddedBroker broker() {
        return EmbeddedBroker.start(directory.resolve("kafka"), port);
    }

    private KafkaAuditLog open(String service) {
        return open(service, address, TOPIC, directory.resolve("spool").toString());
    }

    static KafkaAuditLog open(String service, String address, String topic, String spool) {
        return KafkaAuditLog.open(
                new AuditSource(service),
                new AuditProperties(
                        true,
                        false,
                        address,
                        "",
                        topic,
                        3,
                        "here",
                        RING_STEPS,
                        1,
                        5,
                        1 << 14,
                        1 << 17,
                        10_000,
                        5_000,
                        spool,
                        64 << 20));
    }

    /** Faults of two vCPUs, no faster than the ring is emptied. */
    private static void write(
            int faults, WrittenVcpu one, WrittenVcpu two, KafkaAuditLog vcpuLog, KafkaAuditLog notifierLog) {
        for (int fault = 0; fault < faults; fault++) {
            await(() -> Math.max(vcpuLog.ringDepth(), notifierLog.ringDepth()) <= RING_STEPS / 2);
            (fault % 2 == 0 ? one : two).fault(fault / 2 + 1);
        }
    }

    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
            // The test's timeout interrupts.
            assertThat(Thread.interrupted()).as("interrupted").isFalse();
        }
    }

    private AuditReport verify(boolean allowUnfinished) {
        AuditVerifier verifier = new AuditVerifier(allowUnfinished, 10);
        try (AuditTrail trail = new AuditTrail(address, KafkaSecurity.NONE, TOPIC)) {
            trail.feed(verifier);
        }
        return verifier.finish();
    }
}
