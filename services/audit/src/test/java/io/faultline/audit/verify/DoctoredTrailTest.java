// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.FailReason;
import io.faultline.model.Resolution;
import io.faultline.model.StepKind;
import io.faultline.model.Token;
import io.faultline.proto.audit.v1.AuditBlock;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every check of the auditor fails on a trail that was doctored for it, whichever plane's records come first. */
class DoctoredTrailTest {
    private static final long VM = 7;
    private static final int VCPU = 3;
    private static final long EPOCH = 1_000;

    private final Trail trail = new Trail();
    private final VcpuTrail vcpu = new VcpuTrail(trail, VM, VCPU, EPOCH);
    private final int token = vcpu.token(1);

    @BeforeEach
    void begin() {
        vcpu.open();
        vcpu.journey(vcpu.token(900));
    }

    @Test
    void aMissingStepIsAGap() {
        vcpu.fault(StepKind.WRITTEN_OUT, Token.NONE, 0, 0);
        vcpu.fault(StepKind.WRITTEN_OUT, Token.NONE, 0, 0);
        trail.loseFault(StepKind.WRITTEN_OUT);
        vcpu.close();

        AuditReport report = report(1, false);

        assertThat(report.gaps()).isEqualTo(1);
        assertThat(report.lost()).isEqualTo(new AuditReport.Lost(1, 0));
        assertThat(report.violations()).isZero();
        assertThat(report.holds()).isFalse();
        assertThat(report.details().getFirst().sentence())
                .isEqualTo("vcpu-service/a vm 7 vcpu 3 step 9 - 1 step is missing before this one");
    }

    @Test
    void aChainWithoutItsBeginningIsAGap() {
        trail.loseFault(StepKind.OPENED);

        assertThat(report(1, true).gaps()).isEqualTo(1);
    }

    @Test
    void aDoubledStepIsARepeat() {
        trail.doubleLastNotification();

        expect(Rule.NO_REPEAT, "ACKNOWLEDGED repeats a number: the chain is at 8");
    }

    @Test
    void aRecordThatComesTwiceIsARepeat() {
        AuditVerifier verifier = new AuditVerifier(true, 100);
        for (AuditBlock block : trail.blocks(new Random(1))) {
            verifier.accept(block);
            verifier.accept(block);
        }

        AuditReport report = verifier.finish();

        assertThat(report.violations()).isEqualTo(trail.steps());
        assertThat(report.details()).extracting(Violation::rule).containsOnly(Rule.NO_REPEAT);
    }

    @Test
    void aWholeChainThatComesTwiceIsARepeatAndNoSecondLife() {
        vcpu.close();
        AuditVerifier verifier = new AuditVerifier(false, 100);
        for (int round = 0; round < 2; round++) {
            trail.blocks(new Random(1)).forEach(verifier::accept);
        }

        AuditReport report = verifier.finish();

        assertThat(report.violations()).isEqualTo(trail.steps());
        assertThat(report.details()).extracting(Violation::rule).containsOnly(Rule.NO_REPEAT);
    }

    @Test
    void aSecondReadyIsFound() {
        long raised = vcpu.raised();
        vcpu.delivered(token, vcpu.published(token, raised));
        long installed = vcpu.installed(token, raised);
        vcpu.acknowledged(token, vcpu.ready(token, installed));
        vcpu.acknowledged(token, vcpu.ready(token, installed));
        vcpu.resolved(token, Resolution.READY, raised);

        expect(
                Rule.READY_AFTER_DELIVERED,
                "READY of a token that is not delivered, or has been ready or cancelled already");
    }

    @Test
    void aReadyWithoutDeliveredIsFound() {
        long raised = vcpu.raised();
        vcpu.published(token, raised);
        vcpu.acknowledged(token, vcpu.ready(token, vcpu.installed(token, raised)));

        expect(
                Rule.READY_AFTER_DELIVERED,
                "READY of a token that is not delivered, or has been ready or cancelled already");
    }

    @Test
    void aReadyAfterCancelledIsFound() {
        long raised = vcpu.raised();
        vcpu.published(token, raised);
        long installed = vcpu.installed(token, raised);
        vcpu.cancelled(token, installed);
        vcpu.acknowledged(token, vcpu.ready(token, installed));
        vcpu.resolved(token, Resolution.CANCELLED, raised);

        expect(
                Rule.READY_AFTER_DELIVERED,
                "READY of a token that is not delivered, or has been ready or cancelled already");
    }

    @Test
    void aCancelledAfterDeliveredIsFound() {
        long raised = vcpu.raised();
        long delivered = vcpu.delivered(token, vcpu.published(token, raised));
        vcpu.cancelled(token, vcpu.installed(token, raised));

        expect(Rule.CANCELLED_BEFORE_DELIVERED, "CANCELLED after DELIVERED, step " + delivered);
    }

    @Test
    void aSecondDeliveryIsFound() {
        long raised = vcpu.raised();
        long published = vcpu.published(token, raised);
        long delivered = vcpu.delivered(token, published);
        vcpu.delivered(token, published);

        expect(Rule.DELIVERED_ONCE, "DELIVERED, as step " + delivered + " was already");
    }

    @Test
    void aDeliveryOfNothingPublishedIsFound() {
        long raised = vcpu.raised();
        vcpu.delivered(token, raised);
        vcpu.mapped(raised);

        expect(Rule.DELIVERED_AFTER_PUBLISHED, "DELIVERED names step " + raised);
    }

    @Test
    void aDeliveryOfAnotherTokenIsFound() {
        long raised = vcpu.raised();
        vcpu.delivered(vcpu.token(2), vcpu.published(token, raised));

        expect(Rule.DELIVERED_AFTER_PUBLISHED, "whose token is 0x1003");
    }

    @Test
    void aDeliveryThatNamesAStepThatNeverCameIsFound() {
        vcpu.delivered(token, 99);
        vcpu.close();

        assertThat(report(1, false).details().getFirst().sentence()).endsWith("PUBLISHED, which never came");
    }

    @Test
    void aDeliveryOfWhatWasRefusedIsFound() {
        long raised = vcpu.raised();
        vcpu.delivered(token, vcpu.published(token, raised));
        vcpu.refused(token, raised);
        vcpu.mapped(raised);

        assertThat(report(1, true).violations()).isEqualTo(1);
        assertThat(report(1, true).details().getFirst().rule())
                .isIn(Rule.REFUSED_NOT_DELIVERED, Rule.DELIVERED_AFTER_PUBLISHED);
    }

    @Test
    void aReusedTokenIsFound() {
        long published = vcpu.published(token, vcpu.raised());
        vcpu.published(token, vcpu.raised());

        expect(Rule.TOKEN_FREE, "PUBLISHED with a token that is outstanding since step " + published);
    }

    @Test
    void tokenZeroIsFound() {
        vcpu.published(Token.NONE, vcpu.raised());

        expect(Rule.TOKEN_ISSUABLE, "PUBLISHED with 0x0, which is no token");
    }

    @Test
    void theWakeAllValueAsATokenIsFound() {
        vcpu.published(Token.WAKE_ALL, vcpu.raised());

        expect(Rule.TOKEN_ISSUABLE, "PUBLISHED with 0xffffffff, which is no token");
    }

    @Test
    void aTokenOfAnotherVcpuIsFound() {
        vcpu.published(Token.of(1, VCPU + 1), vcpu.raised());

        expect(Rule.TOKEN_OF_VCPU, "PUBLISHED with a token of vcpu 4");
    }

    @Test
    void aReadyBeforeTheMappingIsFound() {
        long raised = vcpu.raised();
        long published = vcpu.published(token, raised);
        vcpu.delivered(token, published);
        vcpu.acknowledged(token, vcpu.ready(token, published));
        vcpu.installed(token, raised);

        expect(
                Rule.READY_AFTER_INSTALLED,
                "READY names step " + published + " of the fault plane as its INSTALLED or FETCH_FAILED");
    }

    @Test
    void aReadyForAnotherTokensPageIsFound() {
        long raised = vcpu.raised();
        long other = vcpu.raised();
        vcpu.delivered(token, vcpu.published(token, raised));
        vcpu.published(vcpu.token(2), other);
        vcpu.acknowledged(token, vcpu.ready(token, vcpu.installed(vcpu.token(2), other)));

        expect(Rule.READY_AFTER_INSTALLED, "whose token is 0x2003");
    }

    @Test
    void aResolutionWithoutAMappingIsFound() {
        long raised = vcpu.raised();
        vcpu.published(token, raised);
        vcpu.resolved(token, Resolution.DROPPED, raised);

        expect(Rule.RESOLVED_AFTER_INSTALLED, "RESOLVED without an INSTALLED before it");
    }

    @Test
    void aSecondMappingIsFound() {
        long raised = vcpu.raised();
        vcpu.published(token, raised);
        long installed = vcpu.installed(token, raised);
        vcpu.fetchFailed(token, raised);

        expect(Rule.INSTALLED_ONCE, "FETCH_FAILED after step " + installed + " for the same fault");
    }

    @Test
    void aMissingTerminalIsFound() {
        long raised = vcpu.raised();
        vcpu.close();

        expect(Rule.TERMINAL_PRESENT, "step " + raised + " - RAISED has no terminal step");
    }

    @Test
    void aMissingTerminalIsFoundInAnOpenChainUnlessThatIsAllowed() {
        vcpu.raised();

        assertThat(report(1, false).details()).extracting(Violation::rule).containsExactly(Rule.TERMINAL_PRESENT);
        assertThat(report(1, true).holds()).isTrue();
    }

    @Test
    void aSecondTerminalIsFound() {
        long raised = vcpu.raised();
        vcpu.mapped(raised);
        vcpu.failed(Token.NONE, FailReason.OVERLOADED, raised);

        expect(Rule.FAULT_OPEN, "FAILED names step " + raised + ", which is no fault without a terminal step");
    }

    @Test
    void aMappingBesideAnOutstandingTokenIsFound() {
        long raised = vcpu.raised();
        vcpu.published(token, raised);
        vcpu.mapped(raised);

        expect(Rule.TERMINAL_FITS, "MAPPED while the fault's token is outstanding");
    }

    @Test
    void aMappingOfATokenOfTheNewEpochIsFoundAfterADisable() {
        vcpu.notification(StepKind.DISABLED, Token.NONE, 0);
        vcpu.faultEpoch++;
        vcpu.fault(StepKind.DISABLED, Token.NONE, 0, 0);
        vcpu.enable();
        long raised = vcpu.raised();
        vcpu.published(token, raised);
        vcpu.mapped(raised);

        expect(Rule.TERMINAL_FITS, "MAPPED while the fault's token is outstanding");
    }

    @Test
    void aFailureOfAnInstalledPageIsFound() {
        long raised = vcpu.raised();
        vcpu.published(token, raised);
        vcpu.installed(token, raised);
        vcpu.failed(token, FailReason.PAGE_ABSENT, raised);

        expect(Rule.TERMINAL_FITS, "FAILED without a FETCH_FAILED before it");
    }

    @Test
    void anEpochThatGoesBackIsFound() {
        vcpu.faultEpoch = EPOCH - 1;
        vcpu.mapped(vcpu.raised());

        expect(Rule.EPOCH_GROWS, "RAISED has epoch 999, the step before it 1001");
    }

    @Test
    void anAcknowledgementOfNothingIsFound() {
        vcpu.acknowledged(token, 1);

        expect(Rule.ACKNOWLEDGED_AFTER_READY, "ACKNOWLEDGED, but no page-ready waits for it");
    }

    @Test
    void anAcknowledgementOfAnotherReadyIsFound() {
        vcpu.notification(StepKind.WOKE_ALL, Token.WAKE_ALL, 0);
        vcpu.acknowledged(Token.WAKE_ALL, 2);

        expect(Rule.ACKNOWLEDGED_AFTER_READY, "ACKNOWLEDGED names step 2 (expected: 9 of token 0xffffffff)");
    }

    @Test
    void aSecondUnacknowledgedReadyIsFound() {
        vcpu.notification(StepKind.WOKE_ALL, Token.WAKE_ALL, 0);
        vcpu.notification(StepKind.WOKE_ALL, Token.WAKE_ALL, 0);

        expect(Rule.ONE_UNACKNOWLEDGED, "WOKE_ALL while step 9 is not acknowledged");
    }

    @Test
    void aDeliveryThatIsNeverReadyIsFound() {
        long raised = vcpu.raised();
        vcpu.delivered(token, vcpu.published(token, raised));
        vcpu.installed(token, raised);
        vcpu.resolved(token, Resolution.READY, raised);
        vcpu.close();

        expect(Rule.DELIVERED_THEN_READY, "RESOLVED as READY, but the notification plane dropped it");
    }

    @Test
    void aResolutionThatTheNotifierContradictsIsFound() {
        long raised = vcpu.raised();
        vcpu.published(token, raised);
        vcpu.cancelled(token, vcpu.installed(token, raised));
        vcpu.resolved(token, Resolution.READY, raised);

        expect(Rule.RESOLVED_AS_NOTIFIED, "RESOLVED as READY, but the notification plane says CANCELLED");
    }

    @Test
    void aStepOfTheOtherPlaneIsFound() {
        vcpu.fault(StepKind.READY, token, 0, 0);

        expect(Rule.KIND_OF_PLANE, "READY is not a step of vcpu-service/a");
    }

    @Test
    void aStepOfAnUnknownKindIsFound() {
        AuditVerifier verifier = new AuditVerifier(true, 10);
        AuditBlock.Builder block = trail.blocks(new Random(1)).getFirst().toBuilder();
        block.getStepsBuilder(0).setKindValue(77);

        verifier.accept(block.build());

        assertThat(verifier.finish().details()).extracting(Violation::what).contains("a step of the unknown kind 77");
    }

    @Test
    void aStepAfterClosedIsFound() {
        vcpu.close();
        vcpu.fault(StepKind.WRITTEN_OUT, Token.NONE, 0, 0);

        expect(Rule.CHAIN_CLOSED, "WRITTEN_OUT in a chain that is closed");
    }

    @Test
    void droppedStepsAreFound() {
        AuditVerifier verifier = new AuditVerifier(true, 10);
        for (AuditBlock block : trail.blocks(new Random(1))) {
            verifier.accept(block.toBuilder()
                    .setDroppedTotal(block.getSource().equals(Trail.FAULT_PLANE) ? 5 : 0)
                    .build());
        }

        AuditReport report = verifier.finish();

        assertThat(report.lost()).isEqualTo(new AuditReport.Lost(0, 5));
        assertThat(report.details())
                .extracting(Violation::sentence)
                .containsExactly("vcpu-service/a - dropped 5 steps in its life since 1700000000000000 µs");
    }

    @Test
    void aBlockOfAnUnknownServiceIsFound() {
        AuditVerifier verifier = new AuditVerifier(true, 10);

        verifier.accept(
                AuditBlock.newBuilder().setSource("vcpu-services/a").setVmId(VM).build());

        assertThat(verifier.finish().details()).extracting(Violation::rule).containsExactly(Rule.SOURCE_KNOWN);
    }

    @Test
    void anUnreadableRecordIsNamedByItsPlace() {
        AuditVerifier verifier = new AuditVerifier(true, 10);

        verifier.unreadable(2, 41, "truncated");

        assertThat(verifier.finish().details().getFirst().sentence())
                .isEqualTo("the record at offset 41 of partition 2 is no audit block: truncated");
    }

    @Test
    void onlyTheFirstFindingsAreKeptInWordsAndAllAreCounted() {
        for (int step = 0; step < 20; step++) {
            vcpu.acknowledged(token, 1);
        }
        AuditVerifier verifier = new AuditVerifier(true, 4);
        trail.blocks(new Random(1)).forEach(verifier::accept);

        AuditReport report = verifier.finish();

        assertThat(report.violations()).isEqualTo(20);
        assertThat(report.details()).hasSize(4);
    }

    /** The rule is found broken, with that sentence, in fifty interleavings of the planes; nothing worse than it. */
    private void expect(Rule rule, String sentence) {
        for (int seed = 0; seed < 50; seed++) {
            AuditReport report = report(seed, true);

            assertThat(report.holds()).isFalse();
            assertThat(report.details()).describedAs("seed %d", seed).anySatisfy(violation -> {
                assertThat(violation.rule()).isEqualTo(rule);
                assertThat(violation.sentence()).contains(sentence);
            });
        }
    }

    private AuditReport report(int seed, boolean allowUnfinished) {
        AuditVerifier verifier = new AuditVerifier(allowUnfinished, 100);
        trail.blocks(new Random(seed)).forEach(verifier::accept);
        return verifier.finish();
    }
}
