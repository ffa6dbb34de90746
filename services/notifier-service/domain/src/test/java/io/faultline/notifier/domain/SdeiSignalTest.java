// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import static io.faultline.notifier.domain.Rig.CONTROL;
import static io.faultline.notifier.domain.Rig.ENTRY;
import static io.faultline.notifier.domain.Rig.EVENT;
import static io.faultline.notifier.domain.Rig.PPI;
import static io.faultline.notifier.domain.Rig.T1;
import static io.faultline.notifier.domain.Rig.VCPU;
import static io.faultline.notifier.domain.Rig.VM;
import static io.faultline.notifier.domain.SdeiResult.DENIED;
import static io.faultline.notifier.domain.SdeiResult.INVALID_PARAMETERS;
import static io.faultline.notifier.domain.SdeiResult.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.Refusal;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Event 0: software signals it, its priority is normal, and it shares the PE with the event of asynchronous faults. */
class SdeiSignalTest {
    private static final long SELF = Mpidr.of(VCPU);
    private static final int OTHER = 0x13;

    private final Rig rig = ready();

    @Test
    @Tag("H14")
    void aSignalRunsTheTargetsHandler() {
        assertThat(signal(SELF)).isEqualTo(SUCCESS);
        rig.ent();

        assertThat(rig.guest.events()).containsExactly("SDEI_EVENT 0 {0,0x0}");
        assertThat(rig.sdei(SdeiCalls.EVENT_STATUS, 0)).isEqualTo(7);
    }

    @Test
    @Tag("H14")
    void onlyEvent0CanBeSignalled() {
        assertThat(rig.sdei(SdeiCalls.EVENT_SIGNAL, EVENT, SELF)).isEqualTo(INVALID_PARAMETERS);
        assertThat(rig.sdei(SdeiCalls.EVENT_SIGNAL, 1L << 32, SELF)).isEqualTo(INVALID_PARAMETERS);
    }

    @Test
    @Tag("H14")
    void aTargetThatWouldNotTakeItIsInvalid() {
        rig.sdei(SdeiCalls.PE_MASK);
        assertThat(signal(SELF)).as("masked").isEqualTo(INVALID_PARAMETERS);
        rig.sdei(SdeiCalls.PE_UNMASK);

        rig.sdei(SdeiCalls.EVENT_DISABLE, 0);
        assertThat(signal(SELF)).as("disabled").isEqualTo(INVALID_PARAMETERS);
        rig.sdei(SdeiCalls.EVENT_UNREGISTER, 0);
        assertThat(signal(SELF)).as("unregistered").isEqualTo(INVALID_PARAMETERS);
        rig.ent();

        assertThat(rig.guest.events()).isEmpty();
    }

    @Test
    @Tag("H14")
    void aTargetThatIsNoPeOfTheVmIsInvalid() {
        rig.owner.session.create(VM + 1, OTHER, 1, EVENT, PPI);
        assertThat(signal(Mpidr.of(OTHER))).as("another VM's").isEqualTo(INVALID_PARAMETERS);

        rig.owner.session.create(VM, OTHER, 1, EVENT, PPI);
        assertThat(signal(Mpidr.of(OTHER))).as("no guest yet").isEqualTo(INVALID_PARAMETERS);
        assertThat(signal(SELF | 1L << 16)).as("Aff2").isEqualTo(INVALID_PARAMETERS);
        assertThat(signal(SELF | 1L << 32)).as("Aff3").isEqualTo(INVALID_PARAMETERS);
    }

    @Test
    void aSignalReachesAnotherPeOfTheVm() {
        rig.owner.session.create(VM, OTHER, 1, EVENT, PPI);
        FakeGuest other = new FakeGuest(rig.machine);
        other.session.attach(VM, OTHER, 0);
        GuestCall call = new GuestCall();
        prepare(other, call.begin(OTHER, 1, SdeiCalls.EVENT_REGISTER), 0, ENTRY);
        prepare(other, call.begin(OTHER, 2, SdeiCalls.EVENT_ENABLE), 0, 0);
        prepare(other, call.begin(OTHER, 3, SdeiCalls.PE_UNMASK), 0, 0);
        other.events();

        assertThat(signal(Mpidr.of(OTHER) | 1L << 31)).isEqualTo(SUCCESS);
        rig.ent();

        assertThat(other.events()).containsExactly("SDEI_EVENT 0 {0,0x0}");
        assertThat(rig.guest.events()).isEmpty();
    }

    @Test
    @Tag("H5")
    @Tag("B5")
    void whileItsHandlerRunsNothingIsPublished() {
        signal(SELF);
        rig.ent();

        rig.publish(T1);

        assertThat(rig.owner.verdicts()).containsExactly("REFUSED 0x1005 " + Refusal.EVENT_RUNNING);
        assertThat(rig.area()).isEqualTo("{0,0x0}");
    }

    @Test
    @Tag("H5")
    void aSignalWhileTheCriticalHandlerRunsWaitsForItsCompletion() {
        rig.fault(T1);
        rig.guest.events();
        assertThat(signal(SELF)).isEqualTo(SUCCESS);
        rig.ent();
        assertThat(rig.guest.events()).isEmpty();

        rig.nph();

        assertThat(rig.guest.events()).containsExactly("RESUMED", "SDEI_EVENT 0 {0,0x0}");
    }

    /** I35: both are triggered before the vCPU enters its guest. */
    @Test
    @Tag("H5")
    void thePublicationGoesBeforeASignalThatCameFirst() {
        signal(SELF);
        rig.publish(T1);
        rig.ent();

        assertThat(rig.guest.events()).containsExactly("SDEI_EVENT {1,0x1005}");
        rig.nph();
        assertThat(rig.guest.events()).containsExactly("RESUMED", "SDEI_EVENT 0 {0,0x0}");
    }

    @Test
    @Tag("H19")
    void threeSignalsOfARunningHandlerRunItOnceMore() {
        signal(SELF);
        rig.ent();
        rig.guest.events();
        for (int i = 0; i < 3; i++) {
            assertThat(signal(SELF)).isEqualTo(SUCCESS);
            rig.ent();
        }
        assertThat(rig.guest.events()).isEmpty();

        rig.sdei(SdeiCalls.EVENT_COMPLETE, 0);
        rig.ent();
        rig.sdei(SdeiCalls.EVENT_COMPLETE, 0);
        rig.ent();

        assertThat(rig.guest.events()).containsExactly("RESUMED", "SDEI_EVENT 0 {0,0x0}", "RESUMED");
    }

    /** I36. */
    @Test
    @Tag("H7")
    void aSignalSurvivesMaskAndDisableAndDiesWithTheRegistration() {
        signal(SELF);
        rig.sdei(SdeiCalls.PE_MASK);
        rig.sdei(SdeiCalls.EVENT_DISABLE, 0);
        rig.sdei(SdeiCalls.PE_UNMASK);
        rig.ent();
        assertThat(rig.guest.events()).isEmpty();
        rig.sdei(SdeiCalls.EVENT_ENABLE, 0);
        rig.ent();
        assertThat(rig.guest.events()).containsExactly("SDEI_EVENT 0 {0,0x0}");
        rig.sdei(SdeiCalls.EVENT_COMPLETE, 0);
        rig.guest.events();

        signal(SELF);
        rig.sdei(SdeiCalls.EVENT_UNREGISTER, 0);
        rig.sdei(SdeiCalls.EVENT_REGISTER, 0, ENTRY);
        rig.sdei(SdeiCalls.EVENT_ENABLE, 0);
        rig.ent();
        assertThat(rig.guest.events()).isEmpty();
    }

    @Test
    @Tag("H15")
    void aResetUnregistersTheOtherEventToo() {
        rig.fault(T1);

        assertThat(rig.sdei(SdeiCalls.PRIVATE_RESET)).isEqualTo(DENIED);

        assertThat(rig.sdei(SdeiCalls.EVENT_STATUS, EVENT)).isEqualTo(4);
        assertThat(rig.sdei(SdeiCalls.EVENT_STATUS, 0)).isZero();
    }

    @Test
    @Tag("H12")
    void infoOfEvent0() {
        assertThat(rig.sdei(SdeiCalls.EVENT_GET_INFO, 0, 0)).as("private").isZero();
        assertThat(rig.sdei(SdeiCalls.EVENT_GET_INFO, 0, 1)).as("signalable").isEqualTo(1);
        assertThat(rig.sdei(SdeiCalls.EVENT_GET_INFO, 0, 2)).as("normal").isZero();
        assertThat(rig.sdei(SdeiCalls.EVENT_GET_INFO, 0, 3)).isEqualTo(INVALID_PARAMETERS);
    }

    @Test
    @Tag("H13")
    void noEventCanBeRouted() {
        assertThat(rig.sdei(SdeiCalls.EVENT_ROUTING_SET, EVENT, 0)).isEqualTo(INVALID_PARAMETERS);
        assertThat(rig.sdei(SdeiCalls.EVENT_ROUTING_SET, 0, 1, SELF)).isEqualTo(INVALID_PARAMETERS);
        assertThat(rig.sdei(SdeiCalls.EVENT_ROUTING_SET, 0x7FFF)).isEqualTo(INVALID_PARAMETERS);
    }

    @Test
    void aSharedResetFindsNothingAndTouchesNoPrivateEvent() {
        rig.fault(T1);

        assertThat(rig.sdei(SdeiCalls.SHARED_RESET)).isEqualTo(SUCCESS);

        assertThat(rig.sdei(SdeiCalls.EVENT_STATUS, EVENT)).isEqualTo(7);
        assertThat(rig.sdei(SdeiCalls.EVENT_STATUS, 0)).isEqualTo(3);
    }

    /** A VMM that renumbers the event of asynchronous faults does not unregister what the guest has of its own. */
    @Test
    void anotherEventForFaultsLeavesThisOneAndTheMaskAlone() {
        rig.owner.session.arm(VM, VCPU, rig.epoch() + 1, CONTROL, EVENT + 1, PPI);

        assertThat(rig.sdei(SdeiCalls.EVENT_STATUS, 0)).isEqualTo(3);
        assertThat(rig.sdei(SdeiCalls.EVENT_STATUS, EVENT)).isEqualTo(INVALID_PARAMETERS);
        assertThat(rig.sdei(SdeiCalls.EVENT_STATUS, EVENT + 1)).isZero();
        assertThat(rig.sdei(SdeiCalls.PE_MASK)).as("was unmasked").isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"0, 0x0", "15, 0xF", "16, 0x100", "19, 0x103", "4095, 0xFF0F"})
    void everyVcpuHasAnAffinityOfItsOwn(int vcpuId, String affinity) {
        assertThat(Mpidr.of(vcpuId)).isEqualTo(Long.decode(affinity));
        assertThat(Mpidr.vcpuId(Mpidr.of(vcpuId))).isEqualTo(vcpuId);
    }

    @ParameterizedTest
    @ValueSource(longs = {0x10, 0xFF, 0x1_0000, 1L << 32})
    void anAffinityThatNoVcpuHasNamesNone(long affinity) {
        assertThat(Mpidr.vcpuId(affinity)).isEqualTo(Mpidr.NO_VCPU);
    }

    private long signal(long target) {
        return rig.sdei(SdeiCalls.EVENT_SIGNAL, SdeiEvent.SOFTWARE_SIGNALLED, target);
    }

    private static void prepare(FakeGuest guest, GuestCall call, long event, long entry) {
        call.argument(1, event);
        call.argument(2, entry);
        assertThat(guest.resultOf(call)).isEqualTo(SUCCESS);
    }

    private static Rig ready() {
        Rig rig = Rig.enabled();
        rig.sdei(SdeiCalls.EVENT_REGISTER, 0, ENTRY + 0x100);
        rig.sdei(SdeiCalls.EVENT_ENABLE, 0);
        rig.forget();
        return rig;
    }
}
