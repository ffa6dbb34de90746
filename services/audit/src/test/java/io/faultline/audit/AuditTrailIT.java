// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.audit.cli.AuditTailCommand;
import io.faultline.audit.cli.AuditVerifyCommand;
import io.faultline.audit.verify.AuditReport;
import io.faultline.audit.verify.AuditVerifier;
import io.faultline.audit.verify.Rule;
import io.faultline.audit.verify.Violation;
import io.faultline.broker.EmbeddedBroker;
import io.faultline.model.AuditChain;
import io.faultline.model.AuditStep;
import io.faultline.model.StepKind;
import io.faultline.model.Token;
import io.faultline.proto.audit.v1.AuditBlock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The whole way: two services' logs, a real broker, the reader and the auditor. */
@Timeout(60)
class AuditTrailIT {
    private static final long EPOCH = 1_000;
    private static final int RING_STEPS = 65_536;
    private static final String NOWHERE = "127.0.0.1:1";

    private static EmbeddedBroker broker;

    @TempDir
    Path directory;

    @BeforeAll
    static void startBroker() {
        broker = EmbeddedBroker.start(null, 0);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void whatTwoServicesAppendedIsReadBackAndHolds() {
        int faults = 20_000;
        String topic = "whole";

        try (KafkaAuditLog vcpuLog = open("vcpu-service", topic);
                KafkaAuditLog notifierLog = open("notifier-service", topic)) {
            write(faults, vcpuLog, notifierLog);
        }

        AuditReport report = verify(topic);
        assertThat(report.details()).isEmpty();
        assertThat(report.holds()).isTrue();
        assertThat(report.steps()).isEqualTo(2 * 4 + faults * 7L + 4);
        assertThat(report.records()).isLessThan(report.steps() / 20);
        assertThat(report.count(StepKind.RESOLVED)).isEqualTo(faults);
        assertThat(report.openChains()).isZero();
    }

    @Test
    void aTopicThatWasTamperedWithIsFound() throws Exception {
        String topic = "tampered";
        try (KafkaAuditLog vcpuLog = open("vcpu-service", topic);
                KafkaAuditLog notifierLog = open("notifier-service", topic)) {
            write(10, vcpuLog, notifierLog);
        }
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topic, 0, null, "no block".getBytes(StandardCharsets.UTF_8)))
                    .get(20, TimeUnit.SECONDS);
            producer.send(new ProducerRecord<>(topic, key(1), firstRecordOf(topic)))
                    .get(20, TimeUnit.SECONDS);
        }

        AuditReport report = verify(topic);

        assertThat(report.holds()).isFalse();
        assertThat(report.details()).extracting(Violation::rule).contains(Rule.RECORD_READABLE, Rule.NO_REPEAT);
        Run run = run(new AuditVerifyCommand(), "--bootstrap", broker.bootstrapServers(), "--topic", topic);
        assertThat(run.code).isEqualTo(1);
        assertThat(run.out).contains("RECORD_READABLE: the record at offset ", "NO_REPEAT: ", " violations");
    }

    @Test
    void verifyPrintsWhatItProvedAndWritesItAsJson() throws Exception {
        String topic = "proved";
        try (KafkaAuditLog vcpuLog = open("vcpu-service", topic);
                KafkaAuditLog notifierLog = open("notifier-service", topic)) {
            write(10, vcpuLog, notifierLog);
        }
        Path json = directory.resolve("report.json");

        Run run = run(
                new AuditVerifyCommand(),
                "--bootstrap",
                broker.bootstrapServers(),
                "--topic",
                topic,
                "--json",
                json.toString());

        assertThat(run.code).isZero();
        assertThat(run.out).contains("82 steps in ", "10 faults: 0 mapped, 10 resolved", "0 gaps, 0 violations");
        assertThat(Files.readString(json, StandardCharsets.UTF_8))
                .contains("\"steps\": 82", "\"gaps\": 0", "\"RESOLVED\": 10");
    }

    @Test
    void tailPrintsALineForEachStep() throws Exception {
        String topic = "tailed";
        try (KafkaAuditLog vcpuLog = open("vcpu-service", topic);
                KafkaAuditLog notifierLog = open("notifier-service", topic)) {
            write(3, vcpuLog, notifierLog);
        }

        Run all = run(new AuditTailCommand(), "--bootstrap", broker.bootstrapServers(), "--topic", topic);
        Run some = run(
                new AuditTailCommand(),
                "--bootstrap",
                broker.bootstrapServers(),
                "--topic",
                topic,
                "--follow",
                "--limit",
                "5");
        Run none =
                run(new AuditTailCommand(), "--bootstrap", broker.bootstrapServers(), "--topic", topic, "--vm", "99");

        assertThat(all.code).isZero();
        assertThat(all.out.lines()).hasSize(33);
        assertThat(all.out)
                .contains("vcpu-service/here vm 1 vcpu 0 #4 PUBLISHED token 0x1000 gfn 0x42 from #3 epoch 1000");
        assertThat(some.out.lines()).hasSize(5);
        assertThat(none.code).isEqualTo(2);
    }

    @Test
    void aTopicThatIsNotThereIsEmpty() {
        Run run = run(new AuditVerifyCommand(), "--bootstrap", broker.bootstrapServers(), "--topic", "absent");

        assertThat(run.code).isEqualTo(2);
        assertThat(run.err.strip())
                .isEqualTo("the topic absent at " + broker.bootstrapServers() + " holds no step: nothing to audit");
    }

    @Test
    void aReadingWithoutABrokerEndsWithASentence() {
        Run run = run(new AuditVerifyCommand(), "--bootstrap", NOWHERE);

        assertThat(run.code).isEqualTo(3);
        assertThat(run.err.strip()).isEqualTo("no Kafka broker at 127.0.0.1:1: no answer within 8000 ms");
    }

    @Test
    void anAddressThatIsNoneEndsWithASentence() {
        Run run = run(new AuditVerifyCommand(), "--bootstrap", "no-port");

        assertThat(run.code).isEqualTo(3);
        assertThat(run.err).startsWith("no Kafka broker at no-port: ").hasLineCount(1);
    }

    @Test
    void aRequiredBrokerThatIsAwayEndsTheStartWithASentence() {
        assertThatThrownBy(() ->
                        KafkaAuditLog.open(new AuditSource("vcpu-service"), properties(NOWHERE, "t", true, RING_STEPS)))
                .isInstanceOf(BrokerUnavailableException.class)
                .hasMessage("no Kafka broker at 127.0.0.1:1: no answer within 500 ms");
    }

    @Test
    void withoutARequiredBrokerTheLogIsBoundedAndCountsWhatItDrops() {
        KafkaAuditLog log = KafkaAuditLog.open(new AuditSource("vcpu-service"), properties(NOWHERE, "t", false, 64));
        AuditChain chain = new AuditChain(1, 0, new AuditStep());
        for (int step = 0; step < 100; step++) {
            log.append(chain.next(StepKind.RAISED, EPOCH));
        }

        assertThat(log.dropped()).isEqualTo(36);
        assertThat(log.ringDepth()).isEqualTo(64);
        assertThat(Duration.ofNanos(timeOf(log::close))).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void aServiceWithoutASpoolStartsWhileNobodyKnowsItsBrokersNameToo() {
        AuditProperties properties = properties("broker.invalid:9092", "t", false, 64);

        try (KafkaAuditLog log = KafkaAuditLog.open(new AuditSource("vcpu-service"), properties)) {
            assertThat(log.isBrokerConnected()).isFalse();
        }
    }

    @Test
    void aBrokerThatComesLaterGetsWhatWaited() {
        Path data = directory.resolve("late");
        String address;
        int port;
        try (EmbeddedBroker late = EmbeddedBroker.start(data, 0)) {
            address = late.bootstrapServers();
            port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
        }
        AuditReport report;
        KafkaAuditLog vcpuLog =
                KafkaAuditLog.open(new AuditSource("vcpu-service"), properties(address, "late", false, RING_STEPS));
        KafkaAuditLog notifierLog =
                KafkaAuditLog.open(new AuditSource("notifier-service"), properties(address, "late", false, RING_STEPS));
        write(100, vcpuLog, notifierLog);
        try (EmbeddedBroker late = EmbeddedBroker.start(data, port)) {
            while (vcpuLog.ringDepth() + notifierLog.ringDepth() > 0) {
                Thread.onSpinWait();
            }
            vcpuLog.close();
            notifierLog.close();
            report = verify(late.bootstrapServers(), "late");
        }

        assertThat(report.details()).isEmpty();
        assertThat(report.count(StepKind.RESOLVED)).isEqualTo(100);
    }

    @Test
    void aBrokerThatRestartsLosesAndDoublesNothing() {
        Path data = directory.resolve("restarting");
        EmbeddedBroker first = EmbeddedBroker.start(data, 0);
        String address = first.bootstrapServers();
        int port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
        KafkaAuditLog vcpuLog =
                KafkaAuditLog.open(new AuditSource("vcpu-service"), properties(address, "restart", true, RING_STEPS));
        KafkaAuditLog notifierLog = KafkaAuditLog.open(
                new AuditSource("notifier-service"), properties(address, "restart", true, RING_STEPS));
        WrittenVcpu vcpu = new WrittenVcpu(1, vcpuLog, notifierLog);
        vcpu.fault(1);
        while (vcpuLog.records() == 0) {
            Thread.onSpinWait();
        }
        first.close();
        vcpu.fault(2);

        AuditReport report;
        try (EmbeddedBroker second = EmbeddedBroker.start(data, port)) {
            vcpu.fault(3);
            vcpu.close();
            vcpuLog.close();
            notifierLog.close();
            report = verify(second.bootstrapServers(), "restart");
        }

        assertThat(report.details()).isEmpty();
        assertThat(report.count(StepKind.RESOLVED)).isEqualTo(3);
    }

    @Test
    void theMetricsSayWhatTheLogDid() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (KafkaAuditLog log = open("vcpu-service", "metrics")) {
            new AuditMetrics(log).bindTo(registry);
            log.append(new AuditChain(1, 0, new AuditStep()).next(StepKind.OPENED, EPOCH));
        }

        assertThat(registry.get("faultline.audit.steps").functionCounter().count())
                .isEqualTo(1);
        assertThat(registry.get("faultline.audit.records").functionCounter().count())
                .isEqualTo(1);
        assertThat(registry.get("faultline.audit.dropped").functionCounter().count())
                .isZero();
        assertThat(registry.get("faultline.audit.ring.depth").gauge().value()).isZero();
        assertThat(registry.get("faultline.audit.lag").timeGauge().value(TimeUnit.SECONDS))
                .isPositive();
    }

    private record Run(int code, String out, String err) {}

    private static Run run(Object command, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = new CommandLine(command)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
        return new Run(code, out.toString(), err.toString());
    }

    private static long timeOf(Runnable action) {
        long start = System.nanoTime();
        action.run();
        return System.nanoTime() - start;
    }

    private static KafkaAuditLog open(String service, String topic) {
        return KafkaAuditLog.open(
                new AuditSource(service), properties(broker.bootstrapServers(), topic, true, RING_STEPS));
    }

    private static AuditProperties properties(String bootstrap, String topic, boolean required, int ringSteps) {
        int connectTimeoutMs = bootstrap.equals(NOWHERE) ? 500 : 10_000;
        return new AuditProperties(
                true,
                required,
                bootstrap,
                "",
                topic,
                3,
                "here",
                ringSteps,
                5,
                50,
                1 << 20,
                32 << 20,
                connectTimeoutMs,
                5_000,
                "",
                1 << 20);
    }

    private static AuditReport verify(String topic) {
        return verify(broker.bootstrapServers(), topic);
    }

    private static AuditReport verify(String bootstrap, String topic) {
        AuditVerifier verifier = new AuditVerifier(false, 10);
        try (AuditTrail trail = new AuditTrail(bootstrap, KafkaSecurity.NONE, topic)) {
            trail.feed(verifier);
        }
        return verifier.finish();
    }

    private static byte[] firstRecordOf(String topic) {
        byte[][] first = new byte[1][];
        try (AuditTrail trail = new AuditTrail(broker.bootstrapServers(), KafkaSecurity.NONE, topic)) {
            trail.read(new AuditTrail.Reader() {
                @Override
                public boolean block(AuditBlock block) {
                    first[0] = block.toByteArray();
                    return false;
                }

                @Override
                public boolean unreadable(int partition, long offset, String why) {
                    return true;
                }
            });
        }
        return first[0];
    }

    private static byte[] key(long vm) {
        return ByteBuffer.allocate(Long.BYTES).putLong(vm).array();
    }

    /** Two vCPUs of two VMs, each fault raised, published, told, installed, ready, acknowledged and resolved. */
    private static void write(int faults, KafkaAuditLog vcpuLog, KafkaAuditLog notifierLog) {
        WrittenVcpu[] vcpus = {new WrittenVcpu(1, vcpuLog, notifierLog), new WrittenVcpu(2, vcpuLog, notifierLog)};
        for (int fault = 0; fault < faults; fault++) {
            while (vcpuLog.ringDepth() + notifierLog.ringDepth() > RING_STEPS / 2) {
                Thread.onSpinWait();
            }
            vcpus[fault % 2].fault((fault / 2) % Token.SEQUENCE_MAX + 1);
        }
        for (WrittenVcpu vcpu : vcpus) {
            vcpu.close();
        }
    }
}
