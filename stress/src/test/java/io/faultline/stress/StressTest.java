// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Runs the stress tests in JVMs of their own: in each way in which they can be compiled and placed, or in one of them. */
class StressTest {
    private static final String FULL = "faultline.stress.full";
    private static final boolean EVERY_WAY = Boolean.getBoolean(FULL);
    private static final int UNGUARDED_ATTEMPTS = 10;
    private static final int RACES_MIN = EVERY_WAY ? 100_000 : 1_000;

    @TempDir
    private static Path folder;

    private static StressRun run = StressRun.NONE;

    @BeforeAll
    static void runAll() throws IOException, InterruptedException {
        run = StressRun.of(
                folder,
                EVERY_WAY,
                "io.faultline.(audit.AuditRingStress|stress.SnapshotStress"
                        + "|stress.HandOffStress.(Acknowledge|Cancel|Detach)).*");
        System.out.println(run);
    }

    @Test
    void onlyWhatMayHappenHappens() {
        assertThat(run.passed()).as(run.toString()).isTrue();
    }

    @Test
    @Tag("K1")
    void whenAnAcknowledgementMeetsACompletionOneOfThemTellsTheGuest() {
        assertBothHappened("io.faultline.stress.HandOffStress.AcknowledgeAndCompletion", "1, OWNER", "1, GUEST");
    }

    @Test
    void aPublicationIsCancelledOrDelivered() {
        assertBothHappened("io.faultline.stress.HandOffStress.CancelAndDeliver", "0, 1, 0", "1, 0, 1");
    }

    @Test
    void aPublicationForAGuestThatLeavesIsDroppedOrRefused() {
        assertBothHappened("io.faultline.stress.HandOffStress.DetachAndPublish", "1, 0, 0", "0, 1, 0");
    }

    @Test
    void aFullRingDropsOrHasRoom() {
        assertBothHappened("io.faultline.audit.AuditRingStress.Full", "1, 0, 0, 1", "1, 1, 2, 0");
    }

    @Test
    void aStepIsSeenWholeOrNotYet() {
        assertBothHappened("io.faultline.audit.AuditRingStress.Whole", "0, 0, 0", "5, 9, 4096");
    }

    @Test
    void aSnapshotIsSeenWholeOrNotYet() {
        assertBothHappened("io.faultline.stress.SnapshotStress.Whole", "0, 0", "1, 1");
    }

    /* Only a machine with cores to spare has two threads meet without a loop: no part of the gate. */
    @Test
    @EnabledIfSystemProperty(named = FULL, matches = "true")
    void withoutTheLoopTheSameTestFails() throws IOException, InterruptedException {
        StressRun unguarded = StressRun.NONE;
        boolean passed = true;
        for (int attempt = 0; attempt < UNGUARDED_ATTEMPTS && passed; attempt++) {
            unguarded = StressRun.of(folder, false, "io.faultline.stress.HandOffStress.Unguarded");
            passed = unguarded.passed();
        }

        assertThat(passed).as(unguarded.toString()).isFalse();
    }

    private static void assertBothHappened(String test, String one, String other) {
        assertThat(run.samples(test, one)).as("%s: %s", test, one).isPositive();
        assertThat(run.samples(test, other)).as("%s: %s", test, other).isPositive();
        assertThat(run.samples(test, one) + run.samples(test, other)).as(test).isGreaterThanOrEqualTo(RACES_MIN);
    }
}
