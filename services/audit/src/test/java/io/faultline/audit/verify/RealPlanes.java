// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.verify;

import io.faultline.model.Access;
import io.faultline.model.AsyncPf;
import io.faultline.model.ControlWord;
import io.faultline.model.PageSize;
import io.faultline.model.Privilege;
import io.faultline.model.Refusal;
import io.faultline.notifier.domain.AreaAccess;
import io.faultline.notifier.domain.AreaWords;
import io.faultline.notifier.domain.GuestCall;
import io.faultline.notifier.domain.GuestPort;
import io.faultline.notifier.domain.GuestSession;
import io.faultline.notifier.domain.HostEvent;
import io.faultline.notifier.domain.HostEventKind;
import io.faultline.notifier.domain.NotificationMachine;
import io.faultline.notifier.domain.OwnerSession;
import io.faultline.notifier.domain.Verdict;
import io.faultline.proto.audit.v1.AuditStep;
import io.faultline.vcpu.domain.MachineSpec;
import io.faultline.vcpu.domain.Memslot;
import io.faultline.vcpu.domain.Vcpu;
import io.faultline.vcpu.domain.VirtualMachine;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/**
 * The two planes' own state machines and a guest, joined by queues that are emptied at random: messages cross, guests come
 * and go, connections break. Writes the audit steps of both into a {@link Trail}.
 */
final class RealPlanes implements GuestPort {
    private static final long VM = 9;
    private static final List<Integer> VCPUS = List.of(0, 5);
    private static final int PAGES = 512;
    private static final int FRAMES = 64;
    private static final int IN_FLIGHT_MAX = 150;
    private static final long FETCH_DEADLINE_NS = 1_000_000_000L;
    private static final long AREA = 0x1000;
    private static final int REGISTER = 0xC400_0021;
    private static final int ENABLE = 0xC400_0022;
    private static final int COMPLETE = 0xC400_0025;
    private static final int UNMASK = 0xC400_002C;

    private final Random random;
    private final Trail trail;
    private final ArrayDeque<Runnable> commands = new ArrayDeque<>();
    private final ArrayDeque<Runnable> verdicts = new ArrayDeque<>();
    private final ArrayDeque<Runnable> guestCalls = new ArrayDeque<>();
    private final PlaneEffects effects;
    private final NotificationMachine notifier;
    private final VirtualMachine machine;
    private final GuestCall call = new GuestCall();
    private OwnerSession owner;
    private GuestSession guest;
    private boolean connected = true;
    private boolean guestWritable = true;
    private long faults;
    private long nowNs = 1;

    RealPlanes(Random random, Trail trail) {
        this.random = random;
        this.trail = trail;
        effects = new PlaneEffects(this, random);
        notifier = new NotificationMachine(step -> trail.notification(VM, proto(step)), AreaAccess.ADDRESSABLE, 16);
        owner = notifier.connect(this::verdict);
        guest = notifier.connect(this);
        machine = new VirtualMachine(
                new MachineSpec(
                        VM,
                        List.of(new Memslot(0, 0, PAGES, false)),
                        VCPUS,
                        FRAMES,
                        PageSize.SIZE_4K,
                        AsyncPf.DEFAULT_SDEI_EVENT,
                        AsyncPf.DEFAULT_INTERRUPT,
                        true,
                        FETCH_DEADLINE_NS,
                        0,
                        1_700_000_000_000_000L),
                effects);
        machine.open(true, nowNs);
        deliverAll();
        bootGuest();
    }

    void audit(io.faultline.model.AuditStep step) {
        trail.fault(VM, proto(step));
    }

    void command(Runnable command) {
        commands.add(command);
    }

    OwnerSession owner() {
        return owner;
    }

    private static AuditStep.Builder proto(io.faultline.model.AuditStep step) {
        return AuditStep.newBuilder()
                .setSequence(step.sequence())
                .setKindValue(step.kind().code())
                .setVcpuId(step.vcpuId())
                .setEpoch(step.epoch())
                .setToken(step.token())
                .setGfn(step.gfn())
                .setDetail(step.detail())
                .setCause(step.cause());
    }

    /** One thing happens somewhere. */
    void live() {
        nowNs += random.nextInt(1_000_000);
        int choice = random.nextInt(10_000);
        if (choice < 2_000) {
            fault();
        } else if (choice < 4_000) {
            run(commands);
        } else if (choice < 6_000) {
            run(verdicts);
        } else if (choice < 8_300) {
            run(guestCalls);
        } else if (choice < 9_700) {
            effects.answer(machine, nowNs);
        } else if (choice < 9_940) {
            machine.tick(nowNs);
        } else if (choice < 9_960) {
            guestWritable = !guestWritable;
            guest.writable();
        } else if (choice < 9_975) {
            control(random.nextBoolean());
        } else if (choice < 9_980) {
            vcpu().reset(nowNs);
            bootGuest();
        } else if (choice < 9_985) {
            guest.close();
            guestCalls.clear();
            guest = notifier.connect(this);
            bootGuest();
        } else if (choice < 9_995) {
            reconnect();
        } else {
            bootGuest();
        }
        // Batches of several inputs: a completion may find its publication not delivered yet.
        if (random.nextInt(4) == 0) {
            notifier.enter();
        }
    }

    /** Everything that is on its way arrives, the VM is unregistered. */
    void end() {
        guestWritable = true;
        guest.writable();
        notifier.enter();
        if (!connected) {
            reconnect();
        }
        if (random.nextBoolean()) {
            deliverAll();
            while (effects.answer(machine, nowNs)) {
                nowNs += 10_000_000;
                machine.tick(nowNs);
                deliverAll();
            }
        }
        machine.close(nowNs);
        verdicts.clear();
        guestCalls.clear();
        while (run(commands)) {
            notifier.enter();
        }
    }

    long faults() {
        return faults;
    }

    private void fault() {
        if (machine.faultsInFlight() >= IN_FLIGHT_MAX) {
            return;
        }
        faults++;
        vcpu().raise(
                        faults,
                        (long) random.nextInt(PAGES + 2) << PageSize.SIZE_4K.shift(),
                        random.nextBoolean() ? Access.WRITE : Access.READ,
                        random.nextInt(20) == 0 ? Privilege.KERNEL : Privilege.USER,
                        random.nextInt(50) == 0,
                        nowNs);
    }

    private Vcpu vcpu() {
        return vcpu(VCPUS.get(random.nextInt(VCPUS.size())));
    }

    private Vcpu vcpu(int id) {
        return Objects.requireNonNull(machine.vcpu(id));
    }

    private void control(boolean enable) {
        long word = enable ? AREA | ControlWord.ENABLED : ControlWord.DISABLED;
        vcpu().hypercall(1, 4, (int) word, 0, nowNs);
    }

    private void reconnect() {
        if (connected) {
            connected = false;
            owner.close();
            commands.clear();
            verdicts.clear();
            machine.notifierLost(nowNs);
        } else {
            connected = true;
            owner = notifier.connect(this::verdict);
            machine.notifierConnected(nowNs);
        }
    }

    private void bootGuest() {
        for (int id : VCPUS) {
            guestCalls.add(() -> guest.attach(VM, id, 1));
            sdei(id, REGISTER, 0x8000);
            sdei(id, ENABLE, 0);
            sdei(id, UNMASK, 0);
            guestCalls.add(() -> vcpu(id).hypercall(1, 4, (int) (AREA | ControlWord.ENABLED), 0, nowNs));
        }
    }

    private void sdei(int id, int function, long entry) {
        guestCalls.add(() -> {
            call.begin(id, 0, function).argument(1, function == UNMASK ? 0 : AsyncPf.DEFAULT_SDEI_EVENT);
            call.argument(2, entry);
            guest.sdeiCall(call);
        });
    }

    @Override
    public void event(HostEvent event) {
        int id = event.vcpuId();
        if (event.kind() == HostEventKind.SDEI_EVENT) {
            guestCalls.add(() -> guest.clearArea(id, 0, AreaWords.BOTH));
            guestCalls.add(() -> guest.sdeiCall(call.begin(id, 0, COMPLETE)));
        } else if (event.kind() == HostEventKind.INTERRUPT) {
            guestCalls.add(() -> guest.clearArea(id, 0, AreaWords.BOTH));
            guestCalls.add(() -> guest.acknowledge(id, 0));
        }
    }

    @Override
    public boolean isWritable() {
        return guestWritable;
    }

    private void verdict(Verdict verdict) {
        long epoch = verdict.epoch();
        int token = verdict.token();
        Refusal refusal = verdict.refusal();
        Vcpu vcpu = vcpu(verdict.vcpuId());
        switch (verdict.kind()) {
            case CREATED -> verdicts.add(() -> vcpu.created(epoch, nowNs));
            case ARMED -> verdicts.add(() -> vcpu.armed(epoch, nowNs));
            case ACCEPTED -> verdicts.add(() -> vcpu.accepted(epoch, token, nowNs));
            case REFUSED -> verdicts.add(() -> vcpu.refused(epoch, token, refusal, nowNs));
            case CANCELLED -> verdicts.add(() -> vcpu.cancelled(epoch, token, nowNs));
            case READY -> verdicts.add(() -> vcpu.ready(epoch, token, nowNs));
            case STALE -> verdicts.add(() -> vcpu.stale(epoch, token, nowNs));
            case UNKNOWN -> verdicts.add(() -> vcpu.unknown(epoch, token, nowNs));
            case ALREADY -> verdicts.add(() -> vcpu.already(epoch, token, nowNs));
            case GUEST_DETACHED -> verdicts.add(() -> vcpu.guestDetached(epoch, nowNs));
            default -> {}
        }
    }

    private void deliverAll() {
        while (run(commands) || run(verdicts) || run(guestCalls)) {
            notifier.enter();
        }
    }

    private static boolean run(ArrayDeque<Runnable> queue) {
        Runnable first = queue.poll();
        if (first != null) {
            first.run();
        }
        return first != null;
    }
}
