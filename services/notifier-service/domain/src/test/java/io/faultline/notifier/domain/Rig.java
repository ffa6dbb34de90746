// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.AsyncPf;
import io.faultline.model.AuditStep;
import io.faultline.model.Token;
import java.util.ArrayList;
import java.util.List;

/**
 * A machine with one vCPU, an owner and a guest, in the vocabulary of the protocol's tests. What comes out reads as text:
 * {@code ACCEPTED 0x1005}, {@code SDEI_EVENT {1,0x1005}}, {@code DELIVERED 0x1005 from 21}.
 */
final class Rig {
    static final long VM = 7;
    static final int VCPU = 5;
    static final long EPOCH = 100;
    static final long CONTROL = 0x8000_0041L;
    static final int EVENT = AsyncPf.DEFAULT_SDEI_EVENT;
    static final int PPI = AsyncPf.DEFAULT_INTERRUPT;
    static final long ENTRY = 0xFFFF_8000_1000_0000L;
    static final long ARGUMENT = 0xA5;

    static final int T1 = Token.of(1, VCPU);
    static final int T2 = Token.of(2, VCPU);
    static final int T3 = Token.of(3, VCPU);

    private final List<String> steps = new ArrayList<>();
    private final GuestCall call = new GuestCall();
    private boolean areaAccessible = true;

    final NotificationMachine machine = new NotificationMachine(this::record, (vmId, address) -> areaAccessible, 4);
    final FakeOwner owner = new FakeOwner(machine);
    final FakeGuest guest = new FakeGuest(machine);

    /** A vCPU that exists, and nothing else. */
    static Rig created() {
        Rig rig = new Rig();
        rig.owner.session.create(VM, VCPU, EPOCH, EVENT, PPI);
        rig.forget();
        return rig;
    }

    /** {@code en(v)}: asynchronous faults are on, the guest is ready, the first wake-all is consumed. */
    static Rig enabled() {
        Rig rig = created();
        rig.comeUp();
        rig.owner.session.arm(VM, VCPU, EPOCH + 1, CONTROL, EVENT, PPI);
        rig.owner.session.wakeAll(VM, VCPU, EPOCH + 1);
        rig.ent();
        rig.rdyh();
        rig.forget();
        return rig;
    }

    /** A guest in its handler, with one token parked and completed, and one delivered. */
    static Rig busy() {
        Rig rig = enabled();
        rig.park(T1);
        rig.fault(T2);
        rig.complete(T1);
        rig.ent();
        rig.forget();
        return rig;
    }

    /** The guest attaches, registers and enables its handler, and unmasks. */
    void comeUp() {
        guest.session.attach(VM, VCPU, 1);
        sdei(SdeiCalls.EVENT_REGISTER, EVENT, ENTRY, ARGUMENT, 0);
        sdei(SdeiCalls.EVENT_ENABLE, EVENT);
        sdei(SdeiCalls.PE_UNMASK);
        ent();
    }

    /** A publication that is not delivered yet; {@code 10 * sequence} is its cause. */
    void publish(int token) {
        owner.session.publish(VM, VCPU, epoch(), token, 10L * Token.sequence(token));
    }

    /** A publication whose answer may wait; {@code 10 * sequence} is its cause. */
    void publishOrWait(int token) {
        owner.session.publishOrWait(VM, VCPU, epoch(), token, 10L * Token.sequence(token));
        ent();
    }

    void withdraw(int token) {
        owner.session.withdraw(VM, VCPU, epoch(), token);
        ent();
    }

    /** {@code F} and {@code ENT}: published and delivered. */
    void fault(int token) {
        publish(token);
        ent();
    }

    /** {@code C(tok)}; {@code 10 * sequence + 1} is its cause. */
    void complete(int token) {
        owner.session.complete(VM, VCPU, epoch(), token, 10L * Token.sequence(token) + 1);
    }

    /** {@code ENT}: the end of an input batch. */
    void ent() {
        machine.enter();
    }

    /** {@code NPh}: the guest's not-present handler, to its end. */
    void nph() {
        clear(AreaWords.BOTH);
        sdei(SdeiCalls.EVENT_COMPLETE_AND_RESUME, ENTRY + 0x480);
        ent();
    }

    /** {@code RDYh}: the guest's page-ready handler, to its end. */
    void rdyh() {
        clear(AreaWords.BOTH);
        guest.session.acknowledge(VCPU, 0);
        ent();
    }

    /** A task parked on a token: published, delivered, handled. */
    void park(int token) {
        fault(token);
        nph();
    }

    void clear(AreaWords words) {
        guest.session.clearArea(VCPU, 0, words);
    }

    /** An SDEI call and what it returned; Long.MIN_VALUE where it returned nothing. */
    long sdei(int function, long... arguments) {
        call.begin(VCPU, 99, function);
        for (int i = 0; i < arguments.length; i++) {
            call.argument(i + 1, arguments[i]);
        }
        return guest.resultOf(call);
    }

    void makeAreaAccessible(boolean accessible) {
        areaAccessible = accessible;
    }

    /** I29: nothing is pending, nothing waits, nothing is outstanding. */
    void assertDropped() {
        assertThat(notifications().isArmed()).isFalse();
        assertThat(area()).isEqualTo("{0,0x0}");
        assertThat(notifications().notPresent().isPending()).isFalse();
        assertThat(notifications().event().isPending()).isFalse();
        assertThat(notifications().interrupt().isHigh()).isFalse();
        assertThat(notifications().done().isEmpty()).isTrue();
        assertThat(notifications().tokens().size()).isZero();
    }

    Vcpu vcpu() {
        Vcpu vcpu = machine.find(VM, VCPU);
        if (vcpu == null) {
            throw new IllegalStateException("vCPU: gone (expected: here)");
        }
        return vcpu;
    }

    Notifications notifications() {
        return vcpu().notifications();
    }

    long epoch() {
        return vcpu().reports().epoch();
    }

    /** The area as {@code {reason,token}}. */
    String area() {
        return text(notifications().area().reason(), notifications().area().token());
    }

    /** The audit steps since the last look. */
    List<String> steps() {
        List<String> seen = List.copyOf(steps);
        steps.clear();
        return seen;
    }

    void forget() {
        steps.clear();
        owner.verdicts();
        guest.events();
    }

    static String text(int reason, int token) {
        return "{" + reason + "," + Token.format(token) + "}";
    }

    private void record(AuditStep step) {
        String token = step.token() == Token.NONE ? "" : " " + Token.format(step.token());
        String cause = step.cause() == 0 ? "" : " from " + step.cause();
        steps.add(step.kind() + token + cause);
    }
}
