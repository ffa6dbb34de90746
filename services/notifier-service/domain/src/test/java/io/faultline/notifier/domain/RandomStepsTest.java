// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import static io.faultline.notifier.domain.Rig.CONTROL;
import static io.faultline.notifier.domain.Rig.EVENT;
import static io.faultline.notifier.domain.Rig.PPI;
import static io.faultline.notifier.domain.Rig.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.AuditStep;
import io.faultline.model.StepKind;
import io.faultline.model.Token;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two vCPUs, an owner that loses its way and two hostile guests: whatever they do, the invariants hold after each step. */
class RandomStepsTest {
    private static final int STEPS = 20_000;
    private static final int VCPUS = 2;
    private static final List<AreaWords> WORDS = List.of(AreaWords.values());
    private static final int[] CALLS = {
        SdeiCalls.EVENT_REGISTER,
        SdeiCalls.EVENT_ENABLE,
        SdeiCalls.EVENT_DISABLE,
        SdeiCalls.EVENT_COMPLETE,
        SdeiCalls.EVENT_COMPLETE_AND_RESUME,
        SdeiCalls.EVENT_UNREGISTER,
        SdeiCalls.PE_MASK,
        SdeiCalls.PE_UNMASK,
        SdeiCalls.PRIVATE_RESET,
        SdeiCalls.EVENT_STATUS,
        SdeiCalls.EVENT_SIGNAL,
        SdeiCalls.SHARED_RESET,
    };

    private final VcpuModel[] models = {new VcpuModel(), new VcpuModel()};
    private final NotificationMachine machine = new NotificationMachine(this::step, AreaAccess.ADDRESSABLE, VCPUS);
    private final FakeGuest[] guests = {new FakeGuest(machine), new FakeGuest(machine)};
    private final GuestCall call = new GuestCall();
    private final int[] sequences = new int[VCPUS];
    private final long[] epochs = new long[VCPUS];

    private OwnerSession owner = machine.connect(this::verdict);
    private Random random = new Random();
    private @Nullable VerdictKind lastVerdict;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8191})
    void invariantsHoldWhateverOwnersAndGuestsDo(long seed) {
        random = new Random(seed);

        for (int i = 0; i < STEPS; i++) {
            act(random.nextInt(VCPUS));
            if (random.nextInt(3) == 0) {
                enter();
            }
            for (int vcpuId = 0; vcpuId < VCPUS; vcpuId++) {
                models[vcpuId].check(machine.find(VM, vcpuId));
            }
        }

        NotifierCounters counters = machine.counters();
        assertThat(counters.steps(StepKind.CANCELLED)).as("cancelled").isGreaterThan(20);
        assertThat(counters.steps(StepKind.READY)).as("ready").isGreaterThan(100);
        assertThat(counters.steps(StepKind.WOKE_ALL)).as("woke all").isGreaterThan(100);
    }

    private void act(int vcpuId) {
        FakeGuest guest = guests[random.nextInt(10) == 0 ? 1 : 0];
        int dice = random.nextInt(1000);
        if (dice < 250) {
            publish(vcpuId);
        } else if (dice < 270) {
            withdraw(vcpuId);
        } else if (dice < 450) {
            complete(vcpuId);
        } else if (dice < 600) {
            handleEvent(guest, vcpuId);
        } else if (dice < 750) {
            guest.session.clearArea(vcpuId, 0, AreaWords.BOTH);
            acknowledge(guest, vcpuId);
        } else if (dice < 850) {
            comeUp(vcpuId);
        } else if (dice < 880) {
            long event = random.nextInt(3) == 0 ? EVENT : SdeiEvent.SOFTWARE_SIGNALLED;
            sdei(guest, vcpuId, CALLS[random.nextInt(CALLS.length)], event);
        } else if (dice < 910) {
            guest.session.clearArea(vcpuId, 0, WORDS.get(random.nextInt(WORDS.size())));
        } else if (dice < 940) {
            acknowledge(guest, vcpuId);
        } else if (dice < 965) {
            wakeAll(vcpuId);
        } else if (dice < 992) {
            guest.congested(random.nextBoolean());
        } else {
            upset(guest, vcpuId);
        }
    }

    /** What happens seldom and changes much. */
    private void upset(FakeGuest guest, int vcpuId) {
        switch (random.nextInt(10)) {
            case 0 -> guest.session.attach(VM, vcpuId, 0);
            case 1 -> guest.session.detach(vcpuId, 0);
            case 2 -> guest.session.close();
            case 3 -> owner.disarm(VM, vcpuId, someEpoch(vcpuId));
            case 4 -> owner.reset(VM, vcpuId, someEpoch(vcpuId));
            case 5 -> owner.destroy(VM, vcpuId, 0);
            case 6 -> owner.create(VM, vcpuId, someEpoch(vcpuId), EVENT + random.nextInt(2), PPI);
            case 7 -> owner.arm(VM, vcpuId, someEpoch(vcpuId), CONTROL, EVENT, PPI);
            case 8 -> migrate(random.nextInt(VCPUS), vcpuId);
            default -> {
                owner.close();
                owner = machine.connect(this::verdict);
            }
        }
    }

    /** A vCPU gets the SDEI state of one. */
    private void migrate(int from, int to) {
        SdeiSnapshot snapshot = machine.exportSdei(VM, from);
        long epoch = someEpoch(to);
        if (snapshot != null && machine.importSdei(VM, to, epoch, snapshot) == SdeiImport.IMPORTED) {
            assertThat(machine.exportSdei(VM, to)).isEqualTo(snapshot);
        }
    }

    /** Everything that a vCPU needs for its next fault to go asynchronous. */
    private void comeUp(int vcpuId) {
        Vcpu vcpu = machine.find(VM, vcpuId);
        if (vcpu == null || vcpu.owner() != owner) {
            owner.create(VM, vcpuId, epochs[vcpuId], EVENT, PPI);
        }
        vcpu = machine.find(VM, vcpuId);
        if (vcpu != null && vcpu.guest() == null) {
            guests[0].session.attach(VM, vcpuId, 0);
        }
        sdei(guests[0], vcpuId, SdeiCalls.EVENT_REGISTER);
        sdei(guests[0], vcpuId, SdeiCalls.EVENT_ENABLE);
        sdei(guests[0], vcpuId, SdeiCalls.PE_UNMASK);
        guests[0].congested(false);
        if (vcpu != null && !vcpu.notifications().isArmed()) {
            owner.arm(VM, vcpuId, ++epochs[vcpuId], CONTROL, EVENT, PPI);
            epochs[vcpuId] = Math.max(epochs[vcpuId], vcpu.reports().epoch());
        }
    }

    /** I12: a refused publication leaves no trace. */
    private void publish(int vcpuId) {
        int token = random.nextInt(20) == 0 ? random.nextInt() : Token.of(sequences[vcpuId] + 1, vcpuId);
        String before = state(vcpuId);
        lastVerdict = null;

        if (random.nextBoolean()) {
            owner.publish(VM, vcpuId, someEpoch(vcpuId), token, 1);
        } else {
            owner.publishOrWait(VM, vcpuId, someEpoch(vcpuId), token, 1);
        }

        Vcpu vcpu = machine.find(VM, vcpuId);
        boolean waits = vcpu != null && vcpu.notifications().waiting().isOf(token);
        assertThat(lastVerdict != null || waits)
                .as("every publication is answered, or waits")
                .isTrue();
        if (lastVerdict == VerdictKind.ACCEPTED) {
            sequences[vcpuId] = Math.max(sequences[vcpuId] + 1, Token.sequence(token));
        } else {
            assertThat(state(vcpuId)).as("I5, I12: after %s", lastVerdict).isEqualTo(before);
        }
    }

    private void withdraw(int vcpuId) {
        String before = state(vcpuId);

        owner.withdraw(VM, vcpuId, someEpoch(vcpuId), Token.of(sequences[vcpuId] + random.nextInt(2), vcpuId));

        assertThat(state(vcpuId)).as("a withdrawal leaves no trace").isEqualTo(before);
    }

    private void complete(int vcpuId) {
        int back = random.nextInt(random.nextInt(8) == 0 ? 100 : 4);
        int token = Token.of(Math.max(1, sequences[vcpuId] - back), vcpuId);
        boolean wasOutstanding = models[vcpuId].isOutstanding(token);
        lastVerdict = null;

        owner.complete(VM, vcpuId, someEpoch(vcpuId), token, 2);

        if (lastVerdict == null) {
            assertThat(wasOutstanding)
                    .as("I24: only what is outstanding is queued")
                    .isTrue();
            models[vcpuId].queued(token);
        }
    }

    private void wakeAll(int vcpuId) {
        lastVerdict = null;

        owner.wakeAll(VM, vcpuId, someEpoch(vcpuId));

        if (lastVerdict == null) {
            models[vcpuId].queued(Token.WAKE_ALL);
        }
    }

    /** I22: without a page-ready, acknowledging changes nothing. */
    private void acknowledge(FakeGuest guest, int vcpuId) {
        Vcpu vcpu = machine.find(VM, vcpuId);
        boolean isHigh = vcpu != null && vcpu.notifications().interrupt().isHigh();
        String before = state(vcpuId);

        guest.session.acknowledge(vcpuId, 0);

        if (!isHigh) {
            assertThat(state(vcpuId)).as("I22").isEqualTo(before);
        }
    }

    private void handleEvent(FakeGuest guest, int vcpuId) {
        guest.session.clearArea(vcpuId, 0, AreaWords.BOTH);
        sdei(guest, vcpuId, SdeiCalls.EVENT_COMPLETE_AND_RESUME);
    }

    private void sdei(FakeGuest guest, int vcpuId, int function) {
        sdei(guest, vcpuId, function, EVENT);
    }

    /** I36: a call that is not UNREGISTER or a reset leaves what is pending. */
    private void sdei(FakeGuest guest, int vcpuId, int function, long event) {
        Vcpu vcpu = machine.find(VM, vcpuId);
        boolean wasPending = vcpu != null && vcpu.notifications().event().isPending();
        call.begin(vcpuId, 1, function);
        call.argument(1, event);
        call.argument(2, function == SdeiCalls.EVENT_SIGNAL ? Mpidr.of(random.nextInt(VCPUS)) : 0x1000);

        guest.session.sdeiCall(call);

        if (vcpu != null && function != SdeiCalls.EVENT_UNREGISTER && function != SdeiCalls.PRIVATE_RESET) {
            assertThat(vcpu.notifications().event().isPending()).as("I36").isEqualTo(wasPending);
        }
    }

    /** I26, I37: after an entry nothing is left that could be told. */
    private void enter() {
        machine.enter();
        for (int vcpuId = 0; vcpuId < VCPUS; vcpuId++) {
            Vcpu vcpu = machine.find(VM, vcpuId);
            if (vcpu != null && vcpu.reports().canTellGuest()) {
                Notifications is = vcpu.notifications();
                assertThat(is.pe().dispatchable()).as("I37").isNull();
                boolean isBlocked = is.interrupt().isHigh()
                        || is.notPresent().isPending()
                        || !is.area().isFree()
                        || is.awaitsHandler();
                assertThat(is.done().isEmpty() || isBlocked).as("I26").isTrue();
                assertThat(is.waiting().isThere() && !is.interrupt().isHigh())
                        .as("a publication waits for an acknowledgement only")
                        .isFalse();
            }
        }
    }

    private long someEpoch(int vcpuId) {
        Vcpu vcpu = machine.find(VM, vcpuId);
        long epoch = vcpu == null ? epochs[vcpuId] : vcpu.reports().epoch();
        return random.nextInt(20) == 0 ? epoch + random.nextInt(3) - 1 : epoch;
    }

    private String state(int vcpuId) {
        Vcpu vcpu = machine.find(VM, vcpuId);
        if (vcpu == null) {
            return "none";
        }
        Notifications is = vcpu.notifications();
        return Rig.text(is.area().reason(), is.area().token()) + is.notPresent().isPending()
                + is.event().isPending()
                + is.interrupt().isHigh() + is.done().size() + "/" + is.tokens().size()
                + is.pe().depth()
                + is.event().state();
    }

    private void step(AuditStep step) {
        models[step.vcpuId()].step(step);
    }

    private void verdict(Verdict verdict) {
        lastVerdict = verdict.kind();
        if (verdict.kind() == VerdictKind.ACCEPTED) {
            models[verdict.vcpuId()].accepted(verdict.token());
            int vcpuId = verdict.vcpuId();
            sequences[vcpuId] = Math.max(sequences[vcpuId], Token.sequence(verdict.token()));
        }
    }
}
