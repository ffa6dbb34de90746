// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.StepKind;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** What the planes really write is what the auditor expects of them. */
class RealPlanesTest {
    @RepeatedTest(100)
    void whatTheTwoPlanesDoIsACorrectTrail(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        Trail trail = new Trail();
        RealPlanes planes = new RealPlanes(random, trail);
        for (int turn = 0; turn < 20_000; turn++) {
            planes.live();
        }
        planes.end();

        AuditVerifier verifier = new AuditVerifier(false, 10);
        trail.blocks(random).forEach(verifier::accept);
        int held = verifier.inFlight();
        AuditReport report = verifier.finish();

        assertThat(report.details()).isEmpty();
        assertThat(report.holds()).isTrue();
        assertThat(report.count(StepKind.RAISED)).isEqualTo(planes.faults());
        assertThat(report.count(StepKind.RESOLVED)).isPositive();
        assertThat(held).isZero();
    }
}
