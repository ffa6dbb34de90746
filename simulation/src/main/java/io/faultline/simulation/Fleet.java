// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation;

import io.faultline.model.AsyncPf;
import io.faultline.model.PageSize;
import io.faultline.simulation.engine.Chance;
import io.faultline.simulation.guest.Guest;
import io.faultline.simulation.guest.GuestLayout;
import io.faultline.simulation.guest.Temper;
import io.faultline.simulation.plane.FaultPlane;
import io.faultline.simulation.plane.NotificationPlane;
import io.faultline.simulation.plane.SimulatedVmView;
import io.faultline.simulation.plane.World;
import io.faultline.vcpu.domain.HostAccess;
import io.faultline.vcpu.domain.MachineSpec;
import io.faultline.vcpu.domain.Memslot;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The VMs' owner: registers them, boots their guests, does it again when the fault plane died. One thread. */
final class Fleet {
    private static final long MS = 1_000_000;
    private static final long NS_PER_US = 1_000;
    private static final int GUEST_READS_ONCE_IN = 4;
    private static final long FIRST_REGISTERED_UNIX_US = 1_700_000_000_000_000L;

    private final World world;
    private final FaultPlane faultPlane;
    private final NotificationPlane notifier;
    private final Shape shape;
    private final List<Machine> machines = new ArrayList<>();
    private final Guest.Numbers numbers = new Guest.Numbers();
    private boolean behaving;
    private boolean closed;

    Fleet(World world, FaultPlane faultPlane, NotificationPlane notifier, Shape shape) {
        this.world = world;
        this.faultPlane = faultPlane;
        this.notifier = notifier;
        this.shape = shape;
        for (int vm = 1; vm <= shape.vms(); vm++) {
            machines.add(new Machine(vm));
        }
    }

    void start() {
        machines.forEach(Machine::register);
    }

    /** The fault plane died, and the VMs with it. */
    void lost() {
        for (Machine machine : machines) {
            machine.powerOff();
            machine.register();
        }
    }

    PageSize pageSize() {
        return shape.pageSize();
    }

    Machine any() {
        return machines.get(world.chance().below(machines.size()));
    }

    /** Every guest behaves well from now on and finishes what it is at. */
    void behave() {
        behaving = true;
        for (Machine machine : machines) {
            if (machine.guest != null) {
                machine.guest.behave();
                machine.guest.stopWorking();
            }
        }
    }

    /** Has every page read once, by each VM's guest or by its host. */
    void readEverything() {
        for (Machine machine : machines) {
            SimulatedVmView vm = machine.vm();
            if (machine.guest != null && world.chance().onceIn(GUEST_READS_ONCE_IN)) {
                machine.guest.readEverything();
            } else if (vm != null) {
                for (long gfn = 0; gfn < shape.pages(); gfn++) {
                    vm.hostAccess(gfn, HostAccess.READ);
                }
            }
        }
    }

    /** Ends every VM for good. */
    void close() {
        closed = true;
        for (Machine machine : machines) {
            machine.powerOff();
            faultPlane.unregister(machine.vmId);
        }
    }

    List<Machine> machines() {
        return machines;
    }

    /** One VM through its lives. */
    final class Machine {
        private final long vmId;
        private @Nullable Guest guest;
        private @Nullable Memslot side;

        Machine(long vmId) {
            this.vmId = vmId;
        }

        @Nullable
        Guest guest() {
            return guest;
        }

        @Nullable
        SimulatedVmView vm() {
            return faultPlane.vm(vmId);
        }

        /** Registers the VM as soon as that can be, and boots its guest. */
        void register() {
            world.timeline().after(world.chance().between(0, 5 * MS), () -> {
                if (closed || guest != null) {
                    return;
                }
                if (faultPlane.register(spec())) {
                    boot();
                } else {
                    register();
                }
            });
        }

        /** Ends this life of the VM and begins another. */
        void replace() {
            powerOff();
            faultPlane.unregister(vmId);
            world.tally().count("VMs", "replaced");
            register();
        }

        void powerOff() {
            if (guest != null) {
                guest.powerOff();
                guest = null;
            }
        }

        void hostAccess() {
            SimulatedVmView vm = vm();
            if (vm != null) {
                HostAccess[] ways = HostAccess.values();
                vm.hostAccess(
                        world.chance().below(shape.pages()), ways[world.chance().below(ways.length)]);
            }
        }

        void resetVcpu() {
            SimulatedVmView vm = vm();
            if (vm != null && guest != null) {
                int id =
                        shape.vcpuIds().get(world.chance().below(shape.vcpuIds().size()));
                world.tally().count("nemesis", "vCPU reset");
                world.journal().note("nemesis: resets vcpu " + vmId + "/" + id);
                vm.reset(id);
                guest.restarted(id);
            }
        }

        /** Exports a vCPU's state and imports it again, under a guest that goes on. */
        void migrateVcpu() {
            SimulatedVmView vm = vm();
            Guest running = guest;
            int id = shape.vcpuIds().get(world.chance().below(shape.vcpuIds().size()));
            if (vm != null && running != null && running.isSettled(id)) {
                world.journal().note("nemesis: migrates vcpu " + vmId + "/" + id);
                vm.migrate(id, notifier, result -> {
                    if ((result == null || result != 0) && guest == running) {
                        running.restarted(id);
                    }
                });
            }
        }

        /** Makes the side memslot read-only or writable, deletes it or adds it. */
        void changeMemslot() {
            SimulatedVmView vm = vm();
            if (vm == null) {
                return;
            }
            Memslot old = side;
            Memslot full = new Memslot(
                    1,
                    GuestLayout.SIDE_GFN,
                    GuestLayout.SIDE_PAGES,
                    world.chance().onceIn(2));
            world.tally().count("nemesis", "memslot changed");
            if (old == null) {
                side = full;
                vm.setMemslot(full, full, world.nowNs());
            } else if (world.chance().onceIn(2)) {
                side = null;
                vm.setMemslot(new Memslot(1, GuestLayout.SIDE_GFN, 0, false), old, world.nowNs());
            } else {
                side = full;
                vm.setMemslot(full, old, world.nowNs());
            }
        }

        private void boot() {
            side = null;
            Chance chance = world.chance();
            Temper[] tempers = Temper.values();
            Temper temper = behaving || shape.crowded() || chance.onceIn(2)
                    ? Temper.GOOD
                    : tempers[chance.below(tempers.length)];
            world.tally().count("tempers", temper.name());
            GuestLayout layout = new GuestLayout(
                    vmId, shape.vcpuIds(), shape.tasksPerVcpu(), shape.pages(), shape.hotPages(), shape.crowded());
            Guest booted = new Guest(world, faultPlane, notifier.guests(), layout, temper, numbers);
            guest = booted;
            if (behaving) {
                booted.stopWorking();
            }
            populate();
            booted.powerOn();
        }

        /** The host writes the guest's memory, more than there are frames for. */
        private void populate() {
            SimulatedVmView vm = vm();
            for (long gfn = 0; vm != null && gfn < shape.pages(); gfn++) {
                vm.hostAccess(gfn, HostAccess.OVERWRITE);
            }
        }

        private MachineSpec spec() {
            return new MachineSpec(
                    vmId,
                    List.of(new Memslot(0, 0, shape.pages(), false)),
                    shape.vcpuIds(),
                    shape.frames(),
                    shape.pageSize(),
                    AsyncPf.DEFAULT_SDEI_EVENT,
                    AsyncPf.DEFAULT_INTERRUPT,
                    true,
                    world.limits().fetchDeadlineNs(),
                    shape.prefetchPagesMax(),
                    FIRST_REGISTERED_UNIX_US + world.nowNs() / NS_PER_US);
        }
    }
}
