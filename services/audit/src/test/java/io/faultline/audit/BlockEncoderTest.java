// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.model.StepKind;
import io.faultline.proto.audit.v1.AuditBlock;
import io.faultline.proto.audit.v1.AuditStep;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class BlockEncoderTest {
    private static final String SOURCE = "vcpu-service/höst";
    private static final long INCARNATION = 1_700_000_000_000_000L;

    private final BlockEncoder encoder = new BlockEncoder(SOURCE, INCARNATION);

    @Test
    void aBlockOfTheLargestStepsIsWhatTheGeneratedCodeWrites() {
        StepRecord step = new StepRecord();
        step.sequence = -1;
        step.kind = StepKind.FETCH_FAILED.code();
        step.timeUs = -1;
        step.vcpuId = 4_095;
        step.epoch = -1;
        step.token = -1;
        step.gfn = -1;
        step.detail = Integer.MAX_VALUE;
        step.cause = -1;
        encoder.open(-1);
        AuditBlock.Builder expected = AuditBlock.newBuilder()
                .setSource(SOURCE)
                .setIncarnation(INCARNATION)
                .setVmId(-1)
                .setDroppedTotal(-1)
                .setNumber(-1);
        while (!encoder.isFull()) {
            encoder.add(step);
            expected.addSteps(proto(step));
        }

        assertThat(parse(encoder.finish(-1, -1))).isEqualTo(expected.build());
    }

    @Test
    void aBlockWithoutStepsTellsOfDropsOnly() {
        encoder.open(7);

        AuditBlock block = parse(encoder.finish(1, 3));

        assertThat(block.getVmId()).isEqualTo(7);
        assertThat(block.getDroppedTotal()).isEqualTo(3);
        assertThat(block.getStepsList()).isEmpty();
        assertThat(encoder.firstUs()).isZero();
    }

    @RepeatedTest(20)
    void anEncoderThatIsUsedAgainRemembersNothing(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        for (int round = 0; round < 3; round++) {
            long vm = bits(random);
            encoder.open(vm);
            AuditBlock.Builder expected = AuditBlock.newBuilder()
                    .setSource(SOURCE)
                    .setIncarnation(INCARNATION)
                    .setVmId(vm);
            int steps = random.nextInt(BlockEncoder.STEPS_MAX + 1);
            for (int step = 0; step < steps; step++) {
                StepRecord any = any(random);
                encoder.add(any);
                expected.addSteps(proto(any));
            }

            assertThat(parse(encoder.finish(0, 0))).isEqualTo(expected.build());
            assertThat(encoder.steps()).isEqualTo(steps);
        }
    }

    private static StepRecord any(Random random) {
        StepRecord step = new StepRecord();
        step.sequence = bits(random);
        step.kind = random.nextInt(StepKind.values().length);
        step.timeUs = bits(random);
        step.vcpuId = random.nextInt(4_096);
        step.epoch = bits(random);
        step.token = (int) bits(random);
        step.gfn = bits(random);
        step.detail = random.nextInt(20);
        step.cause = bits(random);
        return step;
    }

    /** Numbers of every length, zero often. */
    private static long bits(Random random) {
        int shift = random.nextInt(Long.SIZE + 8);
        return shift >= Long.SIZE ? 0 : random.nextLong() >>> shift;
    }

    private static AuditStep proto(StepRecord step) {
        return AuditStep.newBuilder()
                .setSequence(step.sequence)
                .setKindValue(step.kind)
                .setTimeUnixUs(step.timeUs)
                .setVcpuId(step.vcpuId)
                .setEpoch(step.epoch)
                .setToken(step.token)
                .setGfn(step.gfn)
                .setDetail(step.detail)
                .setCause(step.cause)
                .build();
    }

    private static AuditBlock parse(byte[] bytes) {
        try {
            return AuditBlock.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
