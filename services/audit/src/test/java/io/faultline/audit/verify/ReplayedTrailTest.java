// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.StepKind;
import io.faultline.proto.audit.v1.AuditBlock;
import io.faultline.proto.audit.v1.AuditStep;
import org.junit.jupiter.api.Test;

/** Blocks that come again out of a spool. */
class ReplayedTrailTest {
    private static final long LIFE = 1_700_000_000_000_000L;

    private final AuditVerifier verifier = new AuditVerifier(true, 10);

    @Test
    void aBlockThatSaysThatItMayComeAgainDoesSoWithoutHarm() {
        accept(1, false, LIFE);
        accept(2, false, LIFE);
        accept(2, true, LIFE);
        accept(3, true, LIFE);
        accept(4, false, LIFE);

        AuditReport report = verifier.finish();

        assertThat(report.details()).isEmpty();
        assertThat(report.steps()).isEqualTo(4);
        assertThat(report.replayedRecords()).isEqualTo(1);
    }

    @Test
    void whatTheBrokerHadOfABlockThatWasReplayedMayShowLate() {
        accept(1, false, LIFE);
        accept(2, true, LIFE);
        accept(2, false, LIFE);
        accept(3, true, LIFE);

        assertThat(verifier.finish().details()).isEmpty();
    }

    @Test
    void aBlockThatComesAgainWithoutAWordIsARepeat() {
        accept(1, false, LIFE);
        accept(2, false, LIFE);
        accept(2, false, LIFE);

        assertThat(verifier.finish().details()).extracting(Violation::rule).containsExactly(Rule.NO_REPEAT);
    }

    @Test
    void aReplayThatComesTooLateDoesNotFillItsGap() {
        accept(1, false, LIFE);
        accept(3, false, LIFE);
        accept(2, true, LIFE);

        assertThat(verifier.finish().details()).extracting(Violation::rule).containsExactly(Rule.NO_GAP);
    }

    @Test
    void aLifeWhoseClockWasSetBackIsALifeOfItsOwn() {
        accept(1, false, LIFE);
        accept(2, false, LIFE);
        accept(1, false, LIFE - 3_600_000_000L);
        accept(2, true, LIFE);
        accept(3, true, LIFE);
        accept(2, false, LIFE - 3_600_000_000L);

        AuditReport report = verifier.finish();

        assertThat(report.details()).isEmpty();
        assertThat(report.steps()).isEqualTo(5);
    }

    private void accept(long number, boolean replayed, long incarnation) {
        verifier.accept(AuditBlock.newBuilder()
                .setSource("vcpu-service/here")
                .setIncarnation(incarnation)
                .setVmId(1)
                .setNumber(number)
                .setReplayed(replayed)
                .addSteps(AuditStep.newBuilder()
                        .setSequence(number)
                        .setKindValue(number == 1 ? StepKind.OPENED.code() : StepKind.WRITTEN_OUT.code())
                        .setEpoch(1)
                        .setTimeUnixUs(incarnation + number))
                .build());
    }
}
