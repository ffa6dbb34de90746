// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import static io.faultline.notifier.domain.Rig.CONTROL;
import static io.faultline.notifier.domain.Rig.ENTRY;
import static io.faultline.notifier.domain.Rig.EPOCH;
import static io.faultline.notifier.domain.Rig.EVENT;
import static io.faultline.notifier.domain.Rig.PPI;
import static io.faultline.notifier.domain.Rig.T1;
import static io.faultline.notifier.domain.Rig.VCPU;
import static io.faultline.notifier.domain.Rig.VM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A guest's SDEI state on its way from one host to another. */
class SdeiMigrationTest {
    private static final long LATER = EPOCH + 1_000;

    private final Rig source = Rig.enabled();
    private final Rig target = Rig.created();

    @Test
    @Tag("G17")
    void whatTheGuestRegisteredGoesWithIt() {
        source.sdei(SdeiCalls.EVENT_REGISTER, 0, ENTRY + 0x100, 7);

        migrate();
        attach();

        assertThat(target.sdei(SdeiCalls.EVENT_STATUS, EVENT)).isEqualTo(3);
        assertThat(target.sdei(SdeiCalls.EVENT_STATUS, 0)).isEqualTo(1);
        assertThat(target.sdei(SdeiCalls.PE_MASK)).as("was unmasked").isEqualTo(1);
        assertThat(export(target).events())
                .extracting(SdeiSnapshot.Event::entry)
                .containsExactly(ENTRY + 0x100, ENTRY);
    }

    @Test
    @Tag("G17")
    void theWakeAllOfItsEnablingReachesTheGuestAndNewFaultsAreTold() {
        source.park(T1);

        migrate();
        enableAtTarget();
        attach();
        assertThat(target.guest.events()).containsExactly("ATTACHED", "INTERRUPT 17 {2,0xffffffff}");
        target.rdyh();
        target.fault(Rig.T2);

        assertThat(target.guest.events()).containsExactly("SDEI_EVENT {1,0x2005}");
    }

    @Test
    void aGuestThatIsThereAlreadyHasTheStateAtOnce() {
        attach();

        migrate();

        assertThat(target.sdei(SdeiCalls.EVENT_STATUS, EVENT)).isEqualTo(3);
    }

    /** Only the guest that the state came for finds it: the next one comes up on a PE of its own. */
    @Test
    void theGuestAfterThatComesUpAnew() {
        migrate();
        attach();
        target.guest.session.detach(VCPU, 0);
        attach();

        assertThat(target.sdei(SdeiCalls.EVENT_STATUS, EVENT)).isZero();
        assertThat(target.sdei(SdeiCalls.PE_MASK)).as("came up masked").isZero();
    }

    @Test
    void aResetForgetsIt() {
        migrate();
        target.owner.session.reset(VM, VCPU, LATER + 1);
        attach();

        assertThat(target.sdei(SdeiCalls.EVENT_STATUS, EVENT)).isZero();
    }

    @Test
    @Tag("G17")
    void aPublicationThatIsPendingDoesNotMigrateAndASignalDoes() {
        source.sdei(SdeiCalls.EVENT_REGISTER, 0, ENTRY);
        source.sdei(SdeiCalls.EVENT_ENABLE, 0);
        source.sdei(SdeiCalls.EVENT_SIGNAL, 0, Mpidr.of(VCPU));
        source.publish(T1);
        assertThat(source.notifications().event().isPending()).isTrue();

        migrate();
        attach();

        assertThat(target.guest.events()).containsExactly("ATTACHED", "SDEI_EVENT 0 {0,0x0}");
    }

    /** The task that the handler is about to put aside has to be asleep before it can be woken. */
    @Test
    @Tag("G17")
    void aHandlerThatRunsGoesOnElsewhereAndOnlyThenTasksAreWoken() {
        keepRegisters(source);
        source.fault(T1);

        migrate();
        enableAtTarget();
        attach();
        assertThat(target.guest.events()).containsExactly("ATTACHED");
        assertThat(target.sdei(SdeiCalls.EVENT_STATUS, EVENT)).isEqualTo(7);
        assertThat(target.sdei(SdeiCalls.EVENT_CONTEXT, 5)).isEqualTo(1005);
        target.nph();

        assertThat(target.guest.events()).containsExactly("RESUMED", "INTERRUPT 17 {2,0xffffffff}");
        assertThat(target.guest.lastContext().elr()).as("interrupted at").isEqualTo(0x4000);
    }

    @Test
    @Tag("H6")
    void nestedHandlersStayNested() {
        keepRegisters(source);
        source.sdei(SdeiCalls.EVENT_REGISTER, 0, ENTRY);
        source.sdei(SdeiCalls.EVENT_ENABLE, 0);
        source.publish(T1);
        source.sdei(SdeiCalls.EVENT_DISABLE, EVENT);
        source.sdei(SdeiCalls.EVENT_SIGNAL, 0, Mpidr.of(VCPU));
        source.ent();
        source.sdei(SdeiCalls.EVENT_ENABLE, EVENT);
        source.ent();
        assertThat(source.notifications().pe().depth()).isEqualTo(2);

        migrate();
        attach();

        target.sdei(SdeiCalls.EVENT_COMPLETE, 0);
        assertThat(target.sdei(SdeiCalls.EVENT_STATUS, EVENT)).isEqualTo(3);
        assertThat(target.sdei(SdeiCalls.EVENT_STATUS, 0)).isEqualTo(7);
        target.sdei(SdeiCalls.EVENT_COMPLETE, 0);
        assertThat(target.sdei(SdeiCalls.EVENT_STATUS, 0)).isEqualTo(3);
    }

    /** I29, I32: as by a reset, and with an epoch that what was under way does not have. */
    @Test
    @Tag("G17")
    void whatIsOutstandingAtTheTargetIsDropped() {
        Rig busy = Rig.busy();

        busy.machine.importSdei(VM, VCPU, LATER, export(source));

        busy.assertDropped();
        assertThat(busy.steps()).containsExactly("DISABLED");
        busy.owner.session.complete(VM, VCPU, LATER - 1, T1, 0);
        assertThat(busy.owner.verdicts()).containsExactly("STALE 0x1005");
    }

    @Test
    void anOldEpochAndAnUnknownVcpuChangeNothing() {
        SdeiSnapshot snapshot = export(source);

        assertThat(target.machine.importSdei(VM, VCPU, EPOCH - 1, snapshot)).isEqualTo(SdeiImport.STALE);
        assertThat(target.machine.importSdei(VM, VCPU + 1, LATER, snapshot)).isEqualTo(SdeiImport.NOT_FOUND);
        assertThat(target.machine.exportSdei(VM + 1, VCPU)).isNull();

        assertThat(target.epoch()).isEqualTo(EPOCH);
        assertThat(export(target).events()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "0x40400001, 2, 0x1000, flags 0x2",
        "0x40400001, 6, 0x1000, flags 0x6",
        "0x40400001, 17, 0x1000, flags 0x11",
        "0x40400001, 1, 0, entry 0",
        "0x40400001, 9, 0x1000, pending",
        "0, 12, 0x1000, pending",
        "0x40400002, 1, 0x1000, each once",
    })
    void aStateThatNoPeIsEverInIsRefusedAndChangesNothing(long number, int flags, long entry, String message) {
        SdeiSnapshot wrong =
                new SdeiSnapshot(false, EVENT, List.of(new SdeiSnapshot.Event((int) number, flags, entry, 0, null)));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> target.machine.importSdei(VM, VCPU, LATER, wrong))
                .withMessageContaining(message);

        assertThat(target.epoch()).isEqualTo(EPOCH);
        assertThat(export(target).peMasked()).isTrue();
    }

    @Test
    void anEventTwiceOrANumberThatIsNoneIsRefused() {
        SdeiSnapshot.Event event = new SdeiSnapshot.Event(EVENT, 1, ENTRY, 0, null);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> target.machine.importSdei(
                        VM, VCPU, LATER, new SdeiSnapshot(true, EVENT, List.of(event, event))))
                .withMessageContaining("each once");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> target.machine.importSdei(VM, VCPU, LATER, new SdeiSnapshot(true, -1, List.of())))
                .withMessageContaining("4294967295");
    }

    private void migrate() {
        assertThat(target.machine.importSdei(VM, VCPU, LATER, export(source))).isEqualTo(SdeiImport.IMPORTED);
        target.ent();
    }

    private void enableAtTarget() {
        target.owner.session.arm(VM, VCPU, LATER + 1, CONTROL, EVENT, PPI);
        target.owner.session.wakeAll(VM, VCPU, LATER + 1);
        target.ent();
    }

    private void attach() {
        target.guest.session.attach(VM, VCPU, 1);
        target.ent();
    }

    private static SdeiSnapshot export(Rig rig) {
        return Objects.requireNonNull(rig.machine.exportSdei(VM, VCPU));
    }

    private static void keepRegisters(Rig rig) {
        GuestCall call = new GuestCall();
        CpuContext context = call.begin(VCPU, 98, SdeiCalls.PE_UNMASK).withContext();
        for (int n = 0; n < CpuContext.REGISTERS; n++) {
            context.x(n, 1000 + n);
        }
        context.at(0x4000, 0x60);
        rig.guest.session.sdeiCall(call);
    }
}
