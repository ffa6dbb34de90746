// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.audit.spool.Block;
import io.faultline.audit.spool.CrampedDisk;
import io.faultline.audit.spool.Life;
import io.faultline.audit.spool.Spool;
import io.faultline.proto.audit.v1.AuditBlock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When blocks go to the broker, when to disk, and in which order: in a time that only the tests move. */
@Timeout(30)
class SpoolingBlocksTest {
    private static final Life LIFE = new Life("vcpu-service/here", 1_700_000_000_000_000L);
    private static final long SECOND_US = 1_000_000;
    private static final long WINDOW_BYTES = 10_000;

    @TempDir
    Path directory;

    private final AtomicLong nowUs = new AtomicLong(LIFE.incarnation());
    private final CrampedDisk disk = new CrampedDisk(1 << 20);
    private final Link link = new Link();
    private long number;

    /** The broker, as far as it answers. */
    private static final class Link implements BrokerLink {
        final List<MockProducer<byte[], byte[]>> producers = new ArrayList<>();
        int replaced;
        private @Nullable Producer<byte[], byte[]> ready;

        MockProducer<byte[], byte[]> broker() {
            MockProducer<byte[], byte[]> producer =
                    new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
            producers.add(producer);
            ready = producer;
            return producer;
        }

        @Override
        public @Nullable Producer<byte[], byte[]> poll() {
            Producer<byte[], byte[]> there = ready;
            ready = null;
            return there;
        }

        @Override
        public void replace(Producer<byte[], byte[]> old) {
            replaced++;
        }

        @Override
        public void close() {}
    }

    @Test
    void aBrokerThatAnswersIsGivenEveryBlockAndTheDiskNone() {
        MockProducer<byte[], byte[]> broker = link.broker();
        Spool spool = spool();
        SpoolingBlocks blocks = blocks(spool);

        for (int turn = 0; turn < 100; turn++) {
            send(blocks, 3);
            acknowledge(broker, 3);
            pass(blocks, 10_000);
        }

        assertThat(numbers(broker)).isEqualTo(upTo(300));
        assertThat(spool.spooledSteps()).isZero();
        assertThat(blocks.deliveries().acknowledgedSteps()).isEqualTo(300);
        assertThat(blocks.lagUs()).isZero();
    }

    @Test
    void aBlockThatIsRefusedAtOnceIsNotOvertakenByTheNext() {
        MockProducer<byte[], byte[]> broker = link.broker();
        SpoolingBlocks blocks = blocks(spool());
        send(blocks, 1);
        broker.sendException = new TimeoutException("the topic is not known");
        send(blocks, 1);
        broker.sendException = null;
        send(blocks, 3);
        acknowledge(broker, 10);
        pass(blocks, 5_000);

        MockProducer<byte[], byte[]> next = link.broker();
        pass(blocks, 5_000);

        assertThat(numbers(broker)).isEqualTo(List.of(1L));
        assertThat(numbers(next)).isEqualTo(List.of(2L, 3L, 4L, 5L));
        assertThat(blocks.droppedSteps()).isZero();
    }

    @Test
    void aBlockOutOfTheSpoolThatIsRefusedAtOnceIsNotOvertakenByTheNext() {
        SpoolingBlocks blocks = blocks(spool());
        send(blocks, 5);
        MockProducer<byte[], byte[]> broker = link.broker();
        broker.sendException = new TimeoutException("the topic is not known");
        pass(blocks, 5_000);
        broker.sendException = null;
        send(blocks, 1);

        MockProducer<byte[], byte[]> next = link.broker();
        pass(blocks, 5_000);
        pass(blocks, 5_000);

        assertThat(numbers(broker)).isEmpty();
        assertThat(numbers(next)).isEqualTo(upTo(6));
    }

    @Test
    void aBrokerThatIsAwayAtTheStartGetsEverythingInItsOrderOnceItIsThere() {
        SpoolingBlocks blocks = blocks(spool());
        send(blocks, 50);
        pass(blocks, 600 * SECOND_US);

        MockProducer<byte[], byte[]> broker = link.broker();
        for (int turn = 0; turn < 100; turn++) {
            send(blocks, 1);
            pass(blocks, 5_000);
            acknowledge(broker, 10);
        }
        pass(blocks, 5_000);

        assertThat(numbers(broker)).isEqualTo(upTo(150));
        assertThat(blocks.droppedSteps()).isZero();
        assertThat(blocks.spool().bytes()).isZero();
        assertThat(broker.history()).noneMatch(entry -> parse(entry.value()).getReplayed());
    }

    @Test
    void aSilentBrokersBlocksAreOnDiskAfterASecondAndAreNotSentTwiceWhenItGoesOn() {
        MockProducer<byte[], byte[]> broker = link.broker();
        SpoolingBlocks blocks = blocks(spool());
        send(blocks, 4);
        pass(blocks, SECOND_US - 1);
        assertThat(blocks.spool().waitingSteps()).isZero();

        pass(blocks, 1);
        send(blocks, 4);
        assertThat(blocks.spool().waitingSteps()).isEqualTo(8);

        acknowledge(broker, 4);
        pass(blocks, 5_000);
        acknowledge(broker, 4);
        pass(blocks, 5_000);

        assertThat(numbers(broker)).isEqualTo(upTo(8));
        assertThat(blocks.spool().bytes()).isZero();
        assertThat(blocks.deliveries().acknowledgedSteps()).isEqualTo(8);
    }

    @Test
    void aBrokerThatIsTooSlowGetsNoMoreThanTheWindowAndTheRestFollowsFromDisk() {
        MockProducer<byte[], byte[]> broker = link.broker();
        SpoolingBlocks blocks = blocks(spool());
        send(blocks, 100);

        assertThat(broker.history()).hasSizeBetween(5, 20);

        for (int turn = 0; turn < 100; turn++) {
            acknowledge(broker, 2);
            pass(blocks, 5_000);
        }
        assertThat(numbers(broker)).isEqualTo(upTo(100));
        assertThat(blocks.spool().bytes()).isZero();
        assertThat(link.replaced).isZero();
    }

    @Test
    void aBrokerThatRefusesGetsTheSameBlocksAgainAsReplaysAndNewOnesBehindThem() {
        MockProducer<byte[], byte[]> broker = link.broker();
        SpoolingBlocks blocks = blocks(spool());
        send(blocks, 6);
        acknowledge(broker, 2);
        broker.errorNext(new TopicAuthorizationException("no"));
        pass(blocks, 5_000);
        send(blocks, 3);

        MockProducer<byte[], byte[]> next = link.broker();
        pass(blocks, 5_000);
        send(blocks, 1);
        acknowledge(next, 10);
        pass(blocks, 5_000);

        assertThat(link.replaced).isEqualTo(1);
        assertThat(numbers(next))
                .isEqualTo(LongStream.rangeClosed(3, 10).boxed().toList());
        assertThat(next.history())
                .extracting(entry -> parse(entry.value()).getReplayed())
                .containsExactly(true, true, true, true, false, false, false, false);
        assertThat(blocks.droppedSteps()).isZero();
        assertThat(blocks.spool().bytes()).isZero();
    }

    @Test
    void aProducerThatIsSilentForMinutesIsReplaced() {
        link.broker();
        SpoolingBlocks blocks = blocks(spool());
        send(blocks, 6);

        pass(blocks, 119 * SECOND_US);
        assertThat(link.replaced).isZero();
        pass(blocks, SECOND_US);
        MockProducer<byte[], byte[]> next = link.broker();
        pass(blocks, 5_000);

        assertThat(link.replaced).isEqualTo(1);
        assertThat(numbers(next)).isEqualTo(upTo(6));
    }

    @Test
    void aClockThatIsPutBackHasTheProducerReplacedAndItsBlocksSentAgainInOrder() {
        MockProducer<byte[], byte[]> broker = link.broker();
        SpoolingBlocks blocks = blocks(spool());
        send(blocks, 3);
        acknowledge(broker, 1);

        blocks.clockWasPutBack();
        send(blocks, 2);
        MockProducer<byte[], byte[]> next = link.broker();
        pass(blocks, 5_000);
        acknowledge(next, 4);
        pass(blocks, 5_000);

        assertThat(link.replaced).isEqualTo(1);
        assertThat(numbers(next)).containsExactly(2L, 3L, 4L, 5L);
        assertThat(blocks.deliveries().acknowledgedSteps()).isEqualTo(5);
        assertThat(blocks.droppedSteps()).isZero();
    }

    @Test
    void aClockThatIsPutBackWithAFullDiskCostsNoBlockThatIsInMemory() {
        MockProducer<byte[], byte[]> broker = link.broker();
        SpoolingBlocks blocks = blocks(new CrampedDisk(0).spool(directory, 1 << 20, LIFE));
        send(blocks, 3);

        blocks.clockWasPutBack();
        acknowledge(broker, 3);
        pass(blocks, 5_000);

        assertThat(link.replaced).isZero();
        assertThat(blocks.droppedSteps()).isZero();
        assertThat(blocks.deliveries().acknowledgedSteps()).isEqualTo(3);
    }

    @Test
    void aBlockThatTheBrokerWillNeverTakeIsDroppedAndDoesNotHoldUpTheOthers() {
        MockProducer<byte[], byte[]> broker = link.broker();
        SpoolingBlocks blocks = blocks(spool());
        send(blocks, 3);
        broker.errorNext(new RecordTooLargeException("large"));
        acknowledge(broker, 2);
        pass(blocks, 5_000);

        assertThat(blocks.droppedSteps()).isEqualTo(1);
        assertThat(blocks.deliveries().acknowledgedSteps()).isEqualTo(2);
        assertThat(link.replaced).isZero();
    }

    @Test
    void whatAnEndLeavesOnDiskIsSentFirstByTheNextLife() {
        MockProducer<byte[], byte[]> broker = link.broker();
        SpoolingBlocks first = blocks(spool());
        send(first, 5);
        acknowledge(broker, 2);
        pass(first, 5_000);
        pass(first, 2 * SECOND_US);
        first.close(Duration.ofSeconds(5));

        MockProducer<byte[], byte[]> next = link.broker();
        SpoolingBlocks second = blocks(spool());
        send(second, 2);
        pass(second, 5_000);
        acknowledge(next, 5);
        pass(second, 5_000);

        assertThat(numbers(next)).containsExactly(3L, 4L, 5L, 6L, 7L);
        assertThat(next.history())
                .extracting(entry -> parse(entry.value()).getReplayed())
                .containsExactly(true, true, true, false, false);
        assertThat(second.spool().bytes()).isZero();
    }

    @Test
    void aFullDiskLosesWhatFindsNoRoomKeepsTheOrderAndIsOverWhenThereIsRoom() {
        SpoolingBlocks blocks = blocks(disk.spool(directory, 1 << 20, LIFE));
        send(blocks, 5);
        disk.fill();
        send(blocks, 7);
        assertThat(blocks.droppedSteps()).isEqualTo(7);
        disk.free(1 << 20);
        pass(blocks, SECOND_US);
        send(blocks, 3);

        MockProducer<byte[], byte[]> broker = link.broker();
        pass(blocks, 5_000);
        acknowledge(broker, 10);
        pass(blocks, 5_000);

        assertThat(numbers(broker))
                .startsWith(1L, 2L, 3L, 4L, 5L)
                .endsWith(13L, 14L, 15L)
                .isSorted();
        assertThat(numbers(broker).size() + blocks.droppedSteps()).isEqualTo(15);
        assertThat(blocks.spool().failures()).isPositive();
    }

    @Test
    void withAFullDiskABrokerThatIsAwayForAWhileStillLosesNothingThatFitsTheMemory() {
        MockProducer<byte[], byte[]> broker = link.broker();
        SpoolingBlocks blocks = blocks(new CrampedDisk(0).spool(directory, 1 << 20, LIFE));
        send(blocks, 3);
        pass(blocks, 30 * SECOND_US);
        send(blocks, 3);
        acknowledge(broker, 6);
        pass(blocks, 5_000);

        assertThat(numbers(broker)).isEqualTo(upTo(6));
        assertThat(blocks.droppedSteps()).isZero();
    }

    @Test
    void blocksThatWaitOnAFullDiskAreNotOvertakenByNewOnesWhichAreDropped() {
        MockProducer<byte[], byte[]> broker = link.broker();
        SpoolingBlocks blocks = blocks(disk.spool(directory, 1 << 20, LIFE));
        send(blocks, 1);
        pass(blocks, SECOND_US);
        send(blocks, 3);
        disk.fill();
        acknowledge(broker, 1);
        send(blocks, 2);

        assertThat(blocks.droppedSteps()).isEqualTo(2);
        pass(blocks, 5_000);
        acknowledge(broker, 3);
        pass(blocks, 5_000);
        assertThat(numbers(broker)).isEqualTo(upTo(4));
    }

    private Spool spool() {
        return Spool.open(directory, 1 << 20, LIFE);
    }

    private SpoolingBlocks blocks(Spool spool) {
        SpoolingBlocks blocks = new SpoolingBlocks(
                spool,
                link,
                new SpoolingBlocks.Target("t", LIFE.incarnation()),
                WINDOW_BYTES,
                nowUs::get,
                new BrokerWatch("nowhere:1", "the trail waits"));
        blocks.look();
        return blocks;
    }

    private void send(SpoolingBlocks blocks, int count) {
        for (int sent = 0; sent < count; sent++) {
            number++;
            byte[] value = AuditBlock.newBuilder().setNumber(number).build().toByteArray();
            blocks.send(new Block(LIFE, number, 1, nowUs.get(), 1, value));
        }
    }

    private void pass(SpoolingBlocks blocks, long us) {
        nowUs.addAndGet(us);
        blocks.look();
    }

    private static void acknowledge(MockProducer<byte[], byte[]> broker, int count) {
        boolean more = true;
        for (int done = 0; done < count && more; done++) {
            more = broker.completeNext();
        }
    }

    private static List<Long> upTo(long last) {
        return LongStream.rangeClosed(1, last).boxed().toList();
    }

    private static List<Long> numbers(MockProducer<byte[], byte[]> producer) {
        return producer.history().stream()
                .map(entry -> parse(entry.value()).getNumber())
                .toList();
    }

    private static AuditBlock parse(byte[] value) {
        try {
            return AuditBlock.parseFrom(value);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
