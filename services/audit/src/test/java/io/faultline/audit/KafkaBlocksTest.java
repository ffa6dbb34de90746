// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.audit.spool.Life;
import io.faultline.model.AuditChain;
import io.faultline.model.AuditStep;
import io.faultline.model.StepKind;
import io.faultline.proto.audit.v1.AuditBlock;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The way from the ring into Kafka's producer, by hand instead of by the thread. */
class KafkaBlocksTest {
    private static final String SOURCE = "vcpu-service/here";
    private static final String TOPIC = "faultline.audit";
    private static final long INCARNATION = 1_700_000_000_000_000L;
    private static final long EPOCH = 5;

    private final AtomicLong nowUs = new AtomicLong(INCARNATION);
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final AuditRing ring = new AuditRing(1_024);
    private final KafkaBlocks blocks = new KafkaBlocks(
            new Reached(producer), TOPIC, nowUs::get, new BrokerWatch("nowhere:1", BrokerWatch.IN_MEMORY));
    private final BlockFolder folder = new BlockFolder(
            ring, new Life(SOURCE, INCARNATION), nowUs::get, () -> ring.dropped() + blocks.droppedSteps(), blocks);
    private final AuditStep carrier = new AuditStep();
    private final AuditChain chainOfVm1 = new AuditChain(1, 0, carrier);
    private final AuditChain chainOfVm2 = new AuditChain(2, 0, carrier);

    /** A broker that was reached. */
    private record Reached(Producer<byte[], byte[]> poll) implements BrokerLink {
        @Override
        public void replace(Producer<byte[], byte[]> old) {
            throw new IllegalStateException("a producer was given up (expected: to be kept)");
        }

        @Override
        public void close() {}
    }

    @BeforeEach
    void connect() {
        assertThat(blocks.connect()).isTrue();
    }

    @Test
    void theStepsOfAVmAreOneRecordInTheirOrder() {
        append(chainOfVm1, StepKind.OPENED);
        append(chainOfVm2, StepKind.OPENED);
        append(chainOfVm1, StepKind.RAISED);

        folder.drain();

        assertThat(sent()).extracting(AuditBlock::getVmId).containsExactlyInAnyOrder(1L, 2L);
        AuditBlock block =
                sent().stream().filter(each -> each.getVmId() == 1).findFirst().orElseThrow();
        assertThat(block.getSource()).isEqualTo(SOURCE);
        assertThat(block.getIncarnation()).isEqualTo(INCARNATION);
        assertThat(block.getStepsList())
                .extracting(io.faultline.proto.audit.v1.AuditStep::getSequence)
                .containsExactly(1L, 2L);
    }

    @Test
    void aRecordHoldsAtMost256Steps() {
        for (int step = 0; step < 600; step++) {
            append(chainOfVm1, StepKind.RAISED);
        }

        folder.drain();

        assertThat(sent()).extracting(AuditBlock::getStepsCount).containsExactly(256, 256, 88);
    }

    @Test
    void moreVmsThanOpenBlocksStillKeepEachVmsOrder() {
        List<AuditChain> chains = new ArrayList<>();
        for (long vm = 1; vm <= 100; vm++) {
            chains.add(new AuditChain(vm, 0, carrier));
        }
        for (int step = 0; step < 5; step++) {
            chains.forEach(chain -> append(chain, StepKind.RAISED));
        }

        folder.drain();

        Map<Long, List<Long>> sequences = new TreeMap<>();
        for (AuditBlock block : sent()) {
            block.getStepsList()
                    .forEach(step -> sequences
                            .computeIfAbsent(block.getVmId(), vm -> new ArrayList<>())
                            .add(step.getSequence()));
        }
        assertThat(sequences).hasSize(100);
        assertThat(sequences.values()).containsOnly(List.of(1L, 2L, 3L, 4L, 5L));
    }

    @Test
    void aRecordIsACloudEventKeyedByItsVm() {
        append(chainOfVm2, StepKind.OPENED);

        folder.drain();

        ProducerRecord<byte[], byte[]> entry = producer.history().getFirst();
        Map<String, String> headers = new TreeMap<>();
        for (Header header : entry.headers()) {
            headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
        }
        assertThat(entry.topic()).isEqualTo(TOPIC);
        assertThat(entry.key()).containsExactly(0, 0, 0, 0, 0, 0, 0, 2);
        assertThat(headers)
                .containsOnly(
                        Map.entry("ce_specversion", "1.0"),
                        Map.entry("ce_id", INCARNATION + "-1"),
                        Map.entry("ce_source", SOURCE),
                        Map.entry("ce_type", "io.faultline.audit.block.v1"),
                        Map.entry("ce_time", "2023-11-14T22:13:20Z"),
                        Map.entry("content-type", "application/protobuf"));
    }

    @Test
    void anEmptyRingSendsNothing() {
        assertThat(folder.drain()).isZero();
        assertThat(producer.history()).isEmpty();
    }

    @Test
    void aBlockThatKafkaRefusesCountsAsDroppedAndTheNextWakeTellsTheTopic() {
        append(chainOfVm1, StepKind.OPENED);
        append(chainOfVm1, StepKind.RAISED);
        folder.drain();
        producer.errorNext(new TimeoutException("the buffer is full"));

        folder.drain();
        folder.drain();

        assertThat(blocks.droppedSteps()).isEqualTo(2);
        assertThat(sent()).hasSize(2);
        assertThat(sent().getLast().getDroppedTotal()).isEqualTo(2);
        assertThat(sent().getLast().getStepsList()).isEmpty();
    }

    @Test
    void aFullRingShowsInTheNextBlock() {
        for (int step = 0; step < 1_030; step++) {
            append(chainOfVm1, StepKind.RAISED);
        }

        folder.drain();

        assertThat(sent()).extracting(AuditBlock::getDroppedTotal).containsOnly(6L);
    }

    @Test
    void lagIsTheAgeAtAcknowledgementAndGrowsWhileTheBrokerIsSilent() {
        append(chainOfVm1, StepKind.OPENED);
        folder.drain();
        nowUs.addAndGet(700);
        assertThat(blocks.lagUs()).isEqualTo(700);

        producer.completeNext();
        nowUs.addAndGet(10_000);

        assertThat(blocks.lagUs()).isEqualTo(700);
        assertThat(blocks.deliveries().records()).isEqualTo(1);
    }

    private void append(AuditChain chain, StepKind kind) {
        ring.offer(chain.next(kind, EPOCH), nowUs.get());
    }

    private List<AuditBlock> sent() {
        List<AuditBlock> values = new ArrayList<>();
        for (ProducerRecord<byte[], byte[]> entry : producer.history()) {
            try {
                values.add(AuditBlock.parseFrom(entry.value()));
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
        }
        return values;
    }
}
