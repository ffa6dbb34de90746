// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.stress;

import io.faultline.model.AsyncPf;
import io.faultline.model.Token;
import io.faultline.notifier.domain.AreaAccess;
import io.faultline.notifier.domain.AreaWords;
import io.faultline.notifier.domain.GuestCall;
import io.faultline.notifier.domain.GuestPort;
import io.faultline.notifier.domain.GuestSession;
import io.faultline.notifier.domain.HostEvent;
import io.faultline.notifier.domain.HostEventKind;
import io.faultline.notifier.domain.NotificationMachine;
import io.faultline.notifier.domain.OwnerPort;
import io.faultline.notifier.domain.OwnerSession;
import io.faultline.notifier.domain.Verdict;
import io.faultline.notifier.domain.VerdictKind;
import io.faultline.rpc.ServiceLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * One vCPU of the real notification machine, with asynchronous faults on, behind an executor: the service's loop or, to show
 * what it is for, none. Counts what owner and guest are told. Whatever is done to it is handed over, from any thread.
 */
final class Handed implements OwnerPort, GuestPort {
    /** The one loop of a process. */
    static final ServiceLoop LOOP = ServiceLoop.start("stress");

    static final int T1 = Token.of(1, 0);
    static final int T2 = Token.of(2, 0);

    private static final long VM = 7;
    private static final int VCPU = 0;
    private static final long EPOCH = 2;
    private static final long CONTROL = 0x8000_0041L;
    private static final long HANDLER = 0x1000;
    private static final int EVENT_REGISTER = 0xC400_0021;
    private static final int EVENT_ENABLE = 0xC400_0022;
    private static final int EVENT_COMPLETE_AND_RESUME = 0xC400_0026;
    private static final int PE_UNMASK = 0xC400_002C;

    private final Executor owner;
    private final NotificationMachine machine = new NotificationMachine(_ -> {}, AreaAccess.ADDRESSABLE, 1);
    private final OwnerSession commands = machine.connect((OwnerPort) this);
    private final GuestSession calls = machine.connect((GuestPort) this);
    private boolean writable = true;
    private By by = By.NOBODY;

    int accepted;
    int refused;
    int cancelled;
    int delivered;
    int ready;
    By readyBy = By.NOBODY;

    /** Whose batch the machine is at. */
    enum By {
        NOBODY,
        OWNER,
        GUEST
    }

    /** Booted, on the calling thread. */
    Handed(Executor owner) {
        this.owner = owner;
        commands.create(VM, VCPU, 1, AsyncPf.DEFAULT_SDEI_EVENT, AsyncPf.DEFAULT_INTERRUPT);
        calls.attach(VM, VCPU, 0);
        sdei(EVENT_REGISTER, AsyncPf.DEFAULT_SDEI_EVENT, HANDLER);
        sdei(EVENT_ENABLE, AsyncPf.DEFAULT_SDEI_EVENT, 0);
        sdei(PE_UNMASK, 0, 0);
        commands.arm(VM, VCPU, EPOCH, CONTROL, AsyncPf.DEFAULT_SDEI_EVENT, AsyncPf.DEFAULT_INTERRUPT);
        machine.enter();
    }

    /** Has a task sleep on a token; on the calling thread. */
    Handed park(int token) {
        commands.publish(VM, VCPU, EPOCH, token, 0);
        machine.enter();
        return handled();
    }

    /** Publishes a token while the guest's connection takes nothing, so that it stays pending; on the calling thread. */
    Handed pend(int token) {
        commands.publish(VM, VCPU, EPOCH, token, 0);
        writable = false;
        machine.enter();
        return this;
    }

    /** Tells the guest of a token's page and has it clear the area, not acknowledge; on the calling thread. */
    Handed unacknowledged(int token) {
        commands.complete(VM, VCPU, EPOCH, token, 0);
        machine.enter();
        calls.clearArea(VCPU, 0, AreaWords.BOTH);
        machine.enter();
        ready = 0;
        return this;
    }

    /** The guest's handler ends; on the calling thread. */
    Handed handled() {
        calls.clearArea(VCPU, 0, AreaWords.BOTH);
        sdei(EVENT_COMPLETE_AND_RESUME, HANDLER, 0);
        machine.enter();
        return this;
    }

    void publish(int token) {
        hand(By.OWNER, () -> commands.publish(VM, VCPU, EPOCH, token, 0));
    }

    void complete(int token) {
        hand(By.OWNER, () -> commands.complete(VM, VCPU, EPOCH, token, 0));
    }

    void acknowledge() {
        hand(By.GUEST, () -> calls.acknowledge(VCPU, 0));
    }

    void detach() {
        hand(By.GUEST, () -> calls.detach(VCPU, 0));
    }

    void becomeWritable() {
        hand(By.GUEST, () -> {
            writable = true;
            calls.writable();
        });
    }

    private void hand(By whose, Runnable batch) {
        owner.execute(() -> {
            by = whose;
            batch.run();
            machine.enter();
        });
    }

    /** Waits until whatever was handed over is done. */
    void await() {
        CompletableFuture.runAsync(() -> {}, owner).join();
    }

    @Override
    public void verdict(Verdict verdict) {
        if (verdict.kind() == VerdictKind.ACCEPTED) {
            accepted++;
        } else if (verdict.kind() == VerdictKind.REFUSED) {
            refused++;
        } else if (verdict.kind() == VerdictKind.CANCELLED) {
            cancelled++;
        }
    }

    @Override
    public void event(HostEvent event) {
        if (event.kind() == HostEventKind.SDEI_EVENT) {
            delivered++;
        } else if (event.kind() == HostEventKind.INTERRUPT) {
            ready++;
            readyBy = by;
        }
    }

    @Override
    public boolean isWritable() {
        return writable;
    }

    private void sdei(int function, long argument1, long argument2) {
        GuestCall call = new GuestCall().begin(VCPU, 0, function);
        call.argument(1, argument1);
        call.argument(2, argument2);
        calls.sdeiCall(call);
    }
}
