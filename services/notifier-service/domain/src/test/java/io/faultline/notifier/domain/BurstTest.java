// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import static io.faultline.notifier.domain.Rig.CONTROL;
import static io.faultline.notifier.domain.Rig.EVENT;
import static io.faultline.notifier.domain.Rig.PPI;
import static io.faultline.notifier.domain.Rig.T1;
import static io.faultline.notifier.domain.Rig.T2;
import static io.faultline.notifier.domain.Rig.VCPU;
import static io.faultline.notifier.domain.Rig.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.AsyncPf;
import io.faultline.model.Token;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many completions at once, and completions that meet the end of their epoch. */
class BurstTest {
    private static final int WORKS = AsyncPf.WORKS_PER_VCPU;
    private static final int RACES = 100_000;

    private final Rig rig = Rig.enabled();

    /** I19, I24: as many page-readys as works, each token once, in the order of completion, whatever that is. */
    @Tag("K2")
    @Tag("F2")
    @RepeatedTest(5)
    void everyWorkOfAFullVcpuIsReadyOnceInTheOrderOfCompletion(RepetitionInfo repetition) {
        List<Integer> tokens = parkAll();
        Collections.shuffle(tokens, new Random(repetition.getCurrentRepetition()));

        tokens.forEach(rig::complete);
        rig.ent();
        for (int i = 0; i < WORKS; i++) {
            rig.rdyh();
        }

        assertThat(rig.guest.events())
                .containsExactlyElementsOf(tokens.stream()
                        .map(token -> "INTERRUPT 17 " + Rig.text(2, token))
                        .toList());
        assertThat(rig.notifications().tokens().size()).isZero();
        assertThat(rig.notifications().done().isEmpty()).isTrue();
    }

    /** I25: the guest is interrupted once, and not again before it has acknowledged. */
    @Test
    @Tag("K3")
    void aBurstOfCompletionsInterruptsOnce() {
        List<Integer> tokens = parkAll();

        for (int token : tokens) {
            rig.complete(token);
            rig.ent();
        }

        assertThat(rig.guest.events()).containsExactly("INTERRUPT 17 " + Rig.text(2, tokens.getFirst()));
    }

    /** I24, I29: whichever comes first, a work ends once, and nothing is told after the end of its epoch. */
    @Test
    @Tag("G9")
    void aCompletionThatMeetsADisableEndsItsWorkOnce() {
        Random random = new Random(1);
        for (int i = 0; i < RACES; i++) {
            long epoch = rig.epoch();
            rig.park(T1);
            rig.publish(T2);
            assertThat(rig.notifications().tokens().size())
                    .as("one asleep, one pending")
                    .isEqualTo(2);
            boolean completionFirst = random.nextBoolean();
            if (completionFirst) {
                complete(epoch, random);
            }
            rig.owner.session.disarm(VM, VCPU, epoch);
            rig.forget();
            rig.owner.session.arm(VM, VCPU, epoch + 1, CONTROL, EVENT, PPI);
            complete(epoch, random);
            rig.ent();

            assertThat(rig.owner.verdicts()).containsExactly("ARMED", "STALE 0x1005", "STALE 0x2005");
            assertThat(rig.guest.events()).isEmpty();
            assertThat(rig.notifications().tokens().size()).isZero();
            assertThat(rig.notifications().done().isEmpty()).isTrue();
            assertThat(rig.area()).isEqualTo("{0,0x0}");
            rig.sdei(SdeiCalls.EVENT_COMPLETE, 0);
        }
    }

    private void complete(long epoch, Random random) {
        rig.owner.session.complete(VM, VCPU, epoch, T1, 1);
        if (random.nextInt(4) == 0) {
            rig.ent();
        }
        rig.owner.session.complete(VM, VCPU, epoch, T2, 2);
    }

    private List<Integer> parkAll() {
        List<Integer> tokens = new ArrayList<>();
        for (int sequence = 1; sequence <= WORKS; sequence++) {
            tokens.add(Token.of(sequence, VCPU));
            rig.park(tokens.getLast());
        }
        rig.forget();
        return tokens;
    }
}
