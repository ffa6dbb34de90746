// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.FailReason;
import io.faultline.model.Resolution;
import io.faultline.model.StepKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** What a correct trail looks like to the auditor. */
class AuditVerifierTest {
    private static final long VM = 7;
    private static final int VCPU = 3;

    private final Trail trail = new Trail();
    private final VcpuTrail vcpu = new VcpuTrail(trail, VM, VCPU, 1_000);

    @RepeatedTest(200)
    void aCorrectTrailHoldsHoweverItsRecordsInterleave(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        List<RandomVcpu> vcpus = new ArrayList<>();
        for (int vm = 1; vm <= 2; vm++) {
            for (int id = 0; id < 2; id++) {
                vcpus.add(new RandomVcpu(trail, vm, id * 4_095, random));
            }
        }
        for (int turn = 0; turn < 3_000; turn++) {
            vcpus.get(random.nextInt(vcpus.size())).live();
        }
        vcpus.forEach(each -> each.end(true));
        vcpus.forEach(RandomVcpu::live);
        vcpus.forEach(each -> each.end(false));

        AuditReport report = verify(false, random);

        assertThat(report.details()).isEmpty();
        assertThat(report.holds()).isTrue();
        assertThat(report.steps()).isEqualTo(trail.steps());
        assertThat(report.chains()).isEqualTo(8);
        assertThat(report.openChains()).isZero();
        assertThat(report.count(StepKind.RAISED))
                .isEqualTo(report.count(StepKind.MAPPED)
                        + report.count(StepKind.RESOLVED)
                        + report.count(StepKind.FAILED));
    }

    @Test
    void aTrailThatGoesOnMayEndAnywhereIfThatIsAllowed() {
        for (int end = 0; end < 12; end++) {
            Trail cut = new Trail();
            VcpuTrail unfinished = new VcpuTrail(cut, VM, VCPU, 1_000).open();
            int token = unfinished.token(1);
            long raised = unfinished.raised();
            List<Runnable> steps = List.of(
                    () -> unfinished.published(token, raised),
                    () -> unfinished.delivered(token, 4),
                    () -> unfinished.installed(token, raised),
                    () -> unfinished.ready(token, 5),
                    () -> unfinished.resolved(token, Resolution.READY, raised));
            steps.subList(0, Math.min(end, steps.size())).forEach(Runnable::run);

            AuditVerifier verifier = new AuditVerifier(true, 10);
            cut.blocks(new Random(end)).forEach(verifier::accept);

            assertThat(verifier.finish().details()).isEmpty();
        }
    }

    @Test
    void aFaultThatEndsWithItsVmNeedsNoFetch() {
        vcpu.open();
        long raised = vcpu.raised();
        vcpu.published(vcpu.token(1), raised);
        vcpu.failed(vcpu.token(1), FailReason.VM_GONE, raised);
        vcpu.close();

        assertThat(verify(false, new Random(1)).details()).isEmpty();
    }

    @Test
    void aNotifierThatWasKilledOwesNothingIfThatIsAllowed() {
        vcpu.open();
        long raised = vcpu.raised();
        vcpu.published(vcpu.token(1), raised);
        vcpu.installed(vcpu.token(1), raised);
        vcpu.resolved(vcpu.token(1), Resolution.READY, raised);
        vcpu.restartNotifier();

        assertThat(verify(true, new Random(1)).details()).isEmpty();
        assertThat(verify(false, new Random(1)).details())
                .extracting(Violation::rule)
                .containsExactly(Rule.RESOLVED_AS_NOTIFIED);
    }

    @RepeatedTest(20)
    void whatAFaultPlaneThatWasKilledHadNotPublishedIsMissedOnlyIfThatIsNotAllowed(RepetitionInfo repetition) {
        vcpu.open();
        long raised = vcpu.raised();
        int token = vcpu.token(1);
        long published = vcpu.published(token, raised);
        long installed = vcpu.installed(token, raised);
        vcpu.delivered(token, published);
        vcpu.ready(token, installed);
        // What the killed service had not handed to its broker: the page was there, and had been told of.
        trail.loseFault(StepKind.INSTALLED);
        trail.loseFault(StepKind.PUBLISHED);
        vcpu.restartFaultPlane();
        vcpu.close();
        Random random = new Random(repetition.getCurrentRepetition());

        assertThat(verify(true, random).details()).isEmpty();
        assertThat(verify(true, random).openChains()).isEqualTo(1);
        assertThat(verify(false, random).holds()).isFalse();
    }

    private AuditReport verify(boolean allowUnfinished, Random random) {
        AuditVerifier verifier = new AuditVerifier(allowUnfinished, 10);
        trail.blocks(random).forEach(verifier::accept);
        return verifier.finish();
    }
}
