// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import static io.faultline.notifier.domain.Rig.ENTRY;
import static io.faultline.notifier.domain.Rig.EVENT;
import static io.faultline.notifier.domain.Rig.T1;
import static io.faultline.notifier.domain.SdeiCalls.EVENT_COMPLETE;
import static io.faultline.notifier.domain.SdeiCalls.EVENT_COMPLETE_AND_RESUME;
import static io.faultline.notifier.domain.SdeiCalls.EVENT_CONTEXT;
import static io.faultline.notifier.domain.SdeiCalls.EVENT_DISABLE;
import static io.faultline.notifier.domain.SdeiCalls.EVENT_ENABLE;
import static io.faultline.notifier.domain.SdeiCalls.EVENT_GET_INFO;
import static io.faultline.notifier.domain.SdeiCalls.EVENT_REGISTER;
import static io.faultline.notifier.domain.SdeiCalls.EVENT_STATUS;
import static io.faultline.notifier.domain.SdeiCalls.EVENT_UNREGISTER;
import static io.faultline.notifier.domain.SdeiCalls.FEATURES;
import static io.faultline.notifier.domain.SdeiCalls.PE_MASK;
import static io.faultline.notifier.domain.SdeiCalls.PE_UNMASK;
import static io.faultline.notifier.domain.SdeiCalls.PRIVATE_RESET;
import static io.faultline.notifier.domain.SdeiCalls.VERSION;
import static io.faultline.notifier.domain.SdeiResult.DENIED;
import static io.faultline.notifier.domain.SdeiResult.INVALID_PARAMETERS;
import static io.faultline.notifier.domain.SdeiResult.NOT_SUPPORTED;
import static io.faultline.notifier.domain.SdeiResult.PENDING;
import static io.faultline.notifier.domain.SdeiResult.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SdeiCallsTest {
    private static final int NO_EVENT = 0x4040_0002;
    private static final long NOTHING = Long.MIN_VALUE;

    @Test
    @Tag("H2")
    void h2AHandlerIsRegisteredOnce() {
        Rig rig = attached();

        assertThat(rig.sdei(EVENT_REGISTER, EVENT, ENTRY)).isEqualTo(SUCCESS);
        assertThat(rig.sdei(EVENT_REGISTER, EVENT, ENTRY)).isEqualTo(DENIED);
    }

    @Test
    @Tag("H3")
    void h3EnablingNeedsARegistrationAndMayBeRepeated() {
        Rig rig = attached();

        assertThat(rig.sdei(EVENT_ENABLE, EVENT)).isEqualTo(DENIED);
        assertThat(rig.sdei(EVENT_DISABLE, EVENT)).isEqualTo(DENIED);
        rig.sdei(EVENT_REGISTER, EVENT, ENTRY);
        assertThat(rig.sdei(EVENT_ENABLE, EVENT)).isEqualTo(SUCCESS);
        assertThat(rig.sdei(EVENT_ENABLE, EVENT)).isEqualTo(SUCCESS);
        assertThat(rig.sdei(EVENT_STATUS, EVENT)).isEqualTo(3);
        assertThat(rig.sdei(EVENT_DISABLE, EVENT)).isEqualTo(SUCCESS);
        assertThat(rig.sdei(EVENT_STATUS, EVENT)).isEqualTo(1);
    }

    @Test
    @Tag("H4")
    void h4UnregisteringARunningHandlerIsPendingUntilItCompletes() {
        Rig rig = Rig.enabled();
        rig.fault(T1);
        assertThat(rig.sdei(EVENT_STATUS, EVENT)).isEqualTo(7);

        assertThat(rig.sdei(EVENT_UNREGISTER, EVENT)).isEqualTo(PENDING);
        assertThat(rig.sdei(EVENT_STATUS, EVENT)).isEqualTo(4);
        assertThat(rig.sdei(EVENT_UNREGISTER, EVENT)).isEqualTo(PENDING);
        assertThat(rig.sdei(EVENT_REGISTER, EVENT, ENTRY)).isEqualTo(DENIED);

        assertThat(rig.sdei(EVENT_COMPLETE, 0)).isEqualTo(NOTHING);
        assertThat(rig.sdei(EVENT_STATUS, EVENT)).isEqualTo(0);
        assertThat(rig.sdei(EVENT_REGISTER, EVENT, ENTRY)).isEqualTo(SUCCESS);
    }

    @Test
    void unregisteringWhatIsNotRegisteredIsDenied() {
        Rig rig = attached();

        assertThat(rig.sdei(EVENT_UNREGISTER, EVENT)).isEqualTo(DENIED);
        rig.sdei(EVENT_REGISTER, EVENT, ENTRY);
        assertThat(rig.sdei(EVENT_UNREGISTER, EVENT)).isEqualTo(SUCCESS);
    }

    @Test
    @Tag("H8")
    void h8MaskingSaysWhetherItChangedTheState() {
        Rig rig = Rig.enabled();

        assertThat(rig.sdei(PE_MASK)).isEqualTo(1);
        assertThat(rig.sdei(PE_MASK)).isEqualTo(0);
        assertThat(rig.sdei(PE_UNMASK)).isEqualTo(SUCCESS);
        assertThat(rig.sdei(PE_UNMASK)).isEqualTo(SUCCESS);
    }

    @Test
    void aPeComesUpMasked() {
        assertThat(attached().sdei(PE_MASK)).isEqualTo(0);
    }

    @Test
    @Tag("H9")
    void h9ContextIsReadInAHandlerOnlyAndRangeIsCheckedFirst() {
        Rig rig = Rig.enabled();
        assertThat(rig.sdei(EVENT_CONTEXT, 17)).isEqualTo(DENIED);
        assertThat(rig.sdei(EVENT_CONTEXT, 18)).isEqualTo(INVALID_PARAMETERS);

        registers(rig);
        rig.fault(T1);

        assertThat(rig.sdei(EVENT_CONTEXT, 0)).isEqualTo(1000);
        assertThat(rig.sdei(EVENT_CONTEXT, 17)).isEqualTo(1017);
        assertThat(rig.sdei(EVENT_CONTEXT, 18)).isEqualTo(INVALID_PARAMETERS);
        assertThat(rig.sdei(EVENT_CONTEXT, -1)).isEqualTo(INVALID_PARAMETERS);
    }

    @Test
    @Tag("H10")
    void h10CompletingOutsideAHandlerIsDenied() {
        Rig rig = Rig.enabled();

        assertThat(rig.sdei(EVENT_COMPLETE, 0)).isEqualTo(DENIED);
        assertThat(rig.sdei(EVENT_COMPLETE_AND_RESUME, ENTRY)).isEqualTo(DENIED);
    }

    @Test
    @Tag("H10")
    void h10CompletingRestoresEveryRegisterAndReturnsNothing() {
        Rig rig = Rig.enabled();
        registers(rig);
        rig.fault(T1);
        rig.guest.events();

        assertThat(rig.sdei(EVENT_COMPLETE, 0)).isEqualTo(NOTHING);

        assertThat(rig.guest.events()).containsExactly("RESUMED");
        CpuContext restored = rig.guest.lastContext();
        assertThat(restored.x(0)).isEqualTo(1000);
        assertThat(restored.x(17)).isEqualTo(1017);
        assertThat(restored.pc()).isEqualTo(0x4000);
        assertThat(restored.pstate()).isEqualTo(0x60);
        assertThat(restored.elr()).isEqualTo(0x7);
        assertThat(restored.spsr()).isEqualTo(0x8);
    }

    @Test
    @Tag("H11")
    void h11ResumingElsewhereLooksLikeAnExceptionToThere() {
        Rig rig = Rig.enabled();
        registers(rig);
        rig.fault(T1);
        assertThat(rig.guest.lastContext().spsr()).as("SPSR_EL1 at dispatch").isEqualTo(0x8);

        rig.sdei(EVENT_COMPLETE_AND_RESUME, 0x9000);

        CpuContext resumed = rig.guest.lastContext();
        assertThat(rig.guest.lastEntry()).isEqualTo(0x9000);
        assertThat(resumed.pc()).isEqualTo(0x9000);
        assertThat(resumed.pstate()).as("EL1h, DAIF masked").isEqualTo(0x3C5);
        assertThat(resumed.elr()).isEqualTo(0x4000);
        assertThat(resumed.spsr()).isEqualTo(0x60);
        assertThat(resumed.x(17)).isEqualTo(1017);
    }

    @Test
    @Tag("H12")
    void h12InfoOfAPrivateEvent() {
        Rig rig = attached();

        assertThat(rig.sdei(EVENT_GET_INFO, EVENT, 0)).as("type: private").isEqualTo(0);
        assertThat(rig.sdei(EVENT_GET_INFO, EVENT, 1)).as("signalable").isEqualTo(1);
        assertThat(rig.sdei(EVENT_GET_INFO, EVENT, 2)).as("critical").isEqualTo(1);
        assertThat(rig.sdei(EVENT_GET_INFO, EVENT, 3)).isEqualTo(INVALID_PARAMETERS);
        assertThat(rig.sdei(EVENT_GET_INFO, EVENT, 4)).isEqualTo(INVALID_PARAMETERS);
        assertThat(rig.sdei(EVENT_GET_INFO, EVENT, 5)).isEqualTo(INVALID_PARAMETERS);
        assertThat(rig.sdei(EVENT_GET_INFO, NO_EVENT, 0)).isEqualTo(INVALID_PARAMETERS);
    }

    @Test
    @Tag("H15")
    void h15ResetUnregistersEverythingAndIsDeniedWhileAHandlerRuns() {
        Rig rig = Rig.enabled();
        assertThat(rig.sdei(PRIVATE_RESET)).isEqualTo(SUCCESS);
        assertThat(rig.sdei(EVENT_STATUS, EVENT)).isEqualTo(0);

        Rig running = Rig.enabled();
        running.fault(T1);
        assertThat(running.sdei(PRIVATE_RESET)).isEqualTo(DENIED);
        assertThat(running.sdei(EVENT_STATUS, EVENT)).isEqualTo(4);
    }

    @Test
    @Tag("H16")
    void h16RegistrationChecksItsArguments() {
        Rig rig = attached();

        assertThat(rig.sdei(EVENT_REGISTER, EVENT, ENTRY, 0, 2)).isEqualTo(INVALID_PARAMETERS);
        assertThat(rig.sdei(EVENT_REGISTER, EVENT, 0, 0, 0)).isEqualTo(INVALID_PARAMETERS);
        assertThat(rig.sdei(EVENT_REGISTER, NO_EVENT, ENTRY)).isEqualTo(INVALID_PARAMETERS);
        assertThat(rig.sdei(EVENT_REGISTER, 1L << 32 | EVENT, ENTRY)).isEqualTo(INVALID_PARAMETERS);
        assertThat(rig.sdei(EVENT_STATUS, EVENT)).isEqualTo(0);
        assertThat(rig.sdei(EVENT_REGISTER, EVENT, ENTRY, 0, 1, 0x8000_0000L)).isEqualTo(SUCCESS);
    }

    @Test
    void versionAndFeatures() {
        Rig rig = attached();

        assertThat(rig.sdei(VERSION)).isEqualTo(0x0001_0001_004B_564DL);
        assertThat(rig.sdei(FEATURES, 0)).isEqualTo(0);
        assertThat(rig.sdei(FEATURES, 1)).isEqualTo(INVALID_PARAMETERS);
    }

    @ParameterizedTest
    @ValueSource(ints = {0xC400_002D, 0xC400_002E, 0xC400_0033, 0, -1})
    void callsThatAreNotBuiltSaySo(int function) {
        assertThat(attached().sdei(function, EVENT)).isEqualTo(NOT_SUPPORTED);
    }

    private static Rig attached() {
        Rig rig = Rig.created();
        rig.guest.session.attach(Rig.VM, Rig.VCPU, 1);
        rig.forget();
        return rig;
    }

    /** The guest says what its registers hold, with any call. */
    private static void registers(Rig rig) {
        GuestCall call = new GuestCall();
        CpuContext context = call.begin(Rig.VCPU, 98, PE_UNMASK).withContext();
        for (int n = 0; n < CpuContext.REGISTERS; n++) {
            context.x(n, 1000 + n);
        }
        context.at(0x4000, 0x60);
        context.returningTo(0x7, 0x8);
        rig.guest.session.sdeiCall(call);
    }
}
