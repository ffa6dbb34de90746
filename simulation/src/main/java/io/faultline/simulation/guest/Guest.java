// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.guest;

import io.faultline.model.Access;
import io.faultline.model.AsyncPf;
import io.faultline.model.Privilege;
import io.faultline.notifier.domain.AreaWords;
import io.faultline.notifier.domain.HostEventKind;
import io.faultline.simulation.engine.Chance;
import io.faultline.simulation.engine.Connection;
import io.faultline.simulation.engine.Life;
import io.faultline.simulation.message.Call;
import io.faultline.simulation.message.Event;
import io.faultline.simulation.message.Outcome;
import io.faultline.simulation.message.Touch;
import io.faultline.simulation.plane.FaultPlane;
import io.faultline.simulation.plane.Peer;
import io.faultline.simulation.plane.SimulatedVmView;
import io.faultline.simulation.plane.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One life of a VM's guest, from power-on to power-off: its vCPUs and its two streams, faults to the fault plane and
 * notifications from the notifier. One thread.
 */
public final class Guest {
    private static final int[] MISCHIEF = {
        0xC400_002B,
        0xC400_002C,
        0xC400_0022,
        0xC400_0023,
        0xC400_0027,
        0xC400_0021,
        0xC400_0028,
        0xC400_0031,
        0xC400_0025,
        0xC400_00FF,
    };
    /** Calls about event 0; what is left of a draw signals. */
    private static final int[] ABOUT_EVENT_0 = {
        0xC400_0021,
        0xC400_0021,
        0xC400_0022,
        0xC400_0022,
        0xC400_002B,
        0xC400_002C,
        0xC400_0023,
        0xC400_0027,
        0xC400_0032,
    };

    private static final int EVENT_SIGNAL = 0xC400_002F;
    private static final int SIGNALS_ONE_IN = 2;
    private static final int CALLS_ABOUT_EVENT_0 = 6;
    private static final int FLOOD = 1_200;
    private static final long HANDLER = 0xFFFF_8000_0801_0800L;
    private static final long US = 1_000;
    private static final long MS = 1_000_000;

    private final World world;
    private final FaultPlane faultPlane;
    private final GuestLayout layout;
    private final Numbers numbers;
    private final Life life = new Life();
    private final Map<Integer, GuestCpu> cpus = new TreeMap<>();
    private final Peer<Touch, Outcome> faults;
    private final Peer<Call, Event> notifications;
    private Temper temper;
    private final boolean sendsAlways;
    private boolean working = true;
    private boolean deaf;
    private boolean flooded;

    /** A guest that is off. */
    public Guest(
            World world,
            FaultPlane faultPlane,
            Connection.Server<Call, Event> notifier,
            GuestLayout layout,
            Temper temper,
            Numbers numbers) {
        this.world = world;
        this.faultPlane = faultPlane;
        this.layout = layout;
        this.temper = temper;
        this.numbers = numbers;
        sendsAlways = world.chance().onceIn(3);
        for (int id : layout.vcpuIds()) {
            cpus.put(id, new GuestCpu(this, id, cpus.size(), layout.tasksPerVcpu()));
        }
        faults = new Peer<>(world, life, faultPlane, new Outcomes());
        notifications = new Peer<>(world, life, notifier, new Events());
    }

    /** Boots. */
    public void powerOn() {
        faults.open();
        if (temper != Temper.SYNCHRONOUS) {
            notifications.open();
            cpus.values().forEach(cpu -> cpu.boot().begin());
        }
        cpus.values().forEach(GuestCpu::advance);
        mischief();
    }

    /** Is gone at once. */
    public void powerOff() {
        life.end();
        faults.die();
        notifications.die();
    }

    /** Behaves well from now on: whatever it owes the host it settles by a fresh boot. */
    public void behave() {
        boolean wasHostile = temper != Temper.GOOD && temper != Temper.SYNCHRONOUS;
        if (temper != Temper.SYNCHRONOUS) {
            temper = Temper.GOOD;
        }
        if (deaf) {
            deaf = false;
            notifications.readOn();
        }
        if (wasHostile) {
            notifications.hangUp();
        }
    }

    /** Starts no accesses any more but those that it is told to. */
    public void stopWorking() {
        working = false;
    }

    /** Reads every page of its memory once, all vCPUs together. */
    public void readEverything() {
        List<List<Long>> shares = new ArrayList<>();
        cpus.values().forEach(_ -> shares.add(new ArrayList<>()));
        int next = 0;
        for (long gfn = 0; gfn < layout.pages(); gfn++) {
            shares.get(next++ % shares.size()).add(gfn);
        }
        next = 0;
        for (GuestCpu cpu : cpus.values()) {
            cpu.mustRead(shares.get(next++));
        }
    }

    /** A vCPU was reset by its VMM. */
    public void restarted(int vcpuId) {
        GuestCpu cpu = cpus.get(vcpuId);
        if (cpu != null && temper != Temper.SYNCHRONOUS) {
            cpu.restarted();
        }
    }

    /** Whether no task has anything left to do. */
    public boolean isResting() {
        return cpus.values().stream().allMatch(GuestCpu::isResting);
    }

    /** Whether every vCPU that wants asynchronous faults has them. */
    public boolean isOn() {
        return temper == Temper.SYNCHRONOUS
                || cpus.values().stream().allMatch(cpu -> cpu.boot().isOn());
    }

    /** Whether a vCPU has asynchronous faults and means to keep them. */
    public boolean isSettled(int vcpuId) {
        GuestCpu cpu = cpus.get(vcpuId);
        return cpu != null && cpu.boot().isOn() && temper != Temper.TOGGLES;
    }

    /** Tasks that sleep until they are woken. */
    public int parked() {
        return cpus.values().stream().mapToInt(GuestCpu::parked).sum();
    }

    /** Breaks its stream of notifications or, else, of faults. */
    public void cut(boolean ofNotifications) {
        if (ofNotifications) {
            notifications.cut();
        } else {
            faults.cut();
        }
    }

    @Override
    public String toString() {
        return temper + " guest: faults " + (faults.isConnected() ? "connected" : "away") + ", notifications "
                + (notifications.isConnected() ? "connected" : "away") + "; " + cpus.values();
    }

    long vmId() {
        return layout.vmId();
    }

    Chance chance() {
        return world.chance();
    }

    Temper temper() {
        return temper;
    }

    boolean sendsAlways() {
        return sendsAlways;
    }

    boolean isWorking() {
        return working;
    }

    boolean misbehaves(Temper how) {
        return temper == how && world.chance().onceIn(3);
    }

    void count(String what) {
        world.tally().count("guests", what);
    }

    void after(long delayNs, Runnable action) {
        world.timeline().after(delayNs, life, action);
    }

    long newSequence() {
        return ++numbers.sequence;
    }

    long newCallId() {
        return ++numbers.callId;
    }

    boolean isUserOnly() {
        return layout.userOnly();
    }

    long anyPage() {
        if (world.chance().percent(3)) {
            return layout.sidePage(world.chance());
        }
        return world.chance().below(world.chance().onceIn(2) ? layout.hotPages() : layout.pages());
    }

    boolean canRaise() {
        return faults.isConnected();
    }

    void raise(Touch touch) {
        faults.send(touch);
    }

    boolean isListening() {
        return notifications.isConnected();
    }

    void call(Call call) {
        notifications.send(call);
    }

    /** A call about the event that says "page not present". */
    void sdei(int vcpuId, long callId, int function, long argument2) {
        sdei(vcpuId, callId, function, AsyncPf.DEFAULT_SDEI_EVENT, argument2);
    }

    private void sdei(int vcpuId, long callId, int function, long argument1, long argument2) {
        call(new Call(Call.Kind.SDEI, vmId(), vcpuId, callId, function, argument1, argument2, AreaWords.BOTH));
    }

    /** A unary call: it and its answer travel by themselves. */
    void hypercall(int vcpuId, int function, long argument, FaultPlane.ConfigureAnswer answer) {
        after(world.network().delayNs(), () -> {
            SimulatedVmView vm = faultPlane.vm(vmId());
            FaultPlane.ConfigureAnswer travelling =
                    result -> after(world.network().delayNs(), () -> answer.configured(result));
            if (vm == null) {
                travelling.configured(null);
            } else {
                world.journal().note("faults: hypercall " + function + " vcpu " + vmId() + "/" + vcpuId);
                vm.hypercall(vcpuId, function, (int) argument, (int) (argument >>> Integer.SIZE), travelling);
            }
        });
    }

    private void mischief() {
        if (temper == Temper.GOOD) {
            return;
        }
        after(world.chance().between(500 * US, 10 * MS), () -> {
            List<GuestCpu> all = new ArrayList<>(cpus.values());
            GuestCpu cpu = all.get(world.chance().below(all.size()));
            switch (temper) {
                case EAGER -> {
                    if (cpu.boot().isAttached()) {
                        call(Call.clear(vmId(), cpu.id(), AreaWords.BOTH));
                        call(Call.of(Call.Kind.ACKNOWLEDGE, vmId(), cpu.id(), newCallId()));
                    }
                }
                case CHATTY -> {
                    if (world.chance().onceIn(6)) {
                        cpu.boot().retry();
                    } else if (cpu.boot().isAttached()) {
                        sdei(cpu.id(), newCallId(), MISCHIEF[world.chance().below(MISCHIEF.length)], HANDLER);
                    }
                }
                case TOGGLES -> cpu.boot().toggle();
                case DEAF -> {
                    deaf = !deaf;
                    notifications.readOn();
                }
                case LEAVES -> leave(cpu);
                case SIGNALS -> {
                    for (int i = 0; i < CALLS_ABOUT_EVENT_0; i++) {
                        aboutEvent0(all.get(world.chance().below(all.size())), all);
                    }
                }
                case FLOODS -> flood(cpu);
                case GOOD, SLOW, ACKNOWLEDGES_UNCLEARED, CLEARS_UNACKNOWLEDGED, CLEARS_HALF -> {}
                case NEVER_COMPLETES, SYNCHRONOUS -> {}
            }
            mischief();
        });
    }

    private void aboutEvent0(GuestCpu cpu, List<GuestCpu> all) {
        if (!cpu.boot().isAttached()) {
            return;
        }
        if (world.chance().onceIn(SIGNALS_ONE_IN)) {
            count("signals");
            int target = all.get(world.chance().below(all.size())).id();
            // As KVM deals affinities out: 16 PEs share an Aff1. Now and then one that no PE has.
            long mpidr = world.chance().onceIn(16) ? 1L << 16 : (target & 0xF) | (long) (target >>> 4) << 8;
            sdei(cpu.id(), newCallId(), EVENT_SIGNAL, 0, mpidr);
        } else {
            sdei(cpu.id(), newCallId(), ABOUT_EVENT_0[world.chance().below(ABOUT_EVENT_0.length)], 0, HANDLER);
        }
    }

    /** Once in a life: a stream of faults whose outcomes nobody waits for. */
    private void flood(GuestCpu cpu) {
        if (!flooded && faults.isConnected()) {
            flooded = true;
            for (int i = 0; i < FLOOD; i++) {
                raise(new Touch(newSequence(), vmId(), cpu.id(), anyPage(), Access.READ, Privilege.USER, false));
            }
        }
    }

    private void leave(GuestCpu cpu) {
        count("left");
        if (world.chance().onceIn(2)) {
            notifications.hangUp();
        } else if (cpu.boot().isAttached()) {
            call(Call.of(Call.Kind.DETACH, vmId(), cpu.id(), newCallId()));
        }
    }

    /** Names that are never given twice in a run. One thread. */
    public static final class Numbers {
        private long sequence;
        private long callId;

        /** No name was given yet. */
        public Numbers() {}
    }

    private final class Outcomes implements Peer.Heard<Outcome> {
        @Override
        public void connected() {
            cpus.values().forEach(GuestCpu::faultsConnected);
        }

        @Override
        public void received(Outcome outcome) {
            cpus.values().forEach(cpu -> cpu.outcome(outcome));
        }

        @Override
        public void disconnected() {
            cpus.values().forEach(GuestCpu::faultsLost);
        }
    }

    private final class Events implements Peer.Heard<Event> {
        @Override
        public void connected() {
            cpus.values().forEach(cpu -> cpu.boot().listening());
        }

        @Override
        public void received(Event event) {
            @Nullable GuestCpu cpu = cpus.get(event.vcpuId());
            boolean concerns = cpu != null && (cpu.boot().isAttached() || event.kind() == HostEventKind.ATTACHED);
            if (cpu != null && concerns) {
                cpu.event(event);
            }
        }

        @Override
        public void disconnected() {
            for (GuestCpu cpu : cpus.values()) {
                cpu.boot().stop();
                cpu.detached();
            }
        }

        @Override
        public boolean isReading() {
            return !deaf;
        }
    }
}
