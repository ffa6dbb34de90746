// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.plane;

import io.faultline.model.Refusal;
import io.faultline.notifier.domain.Attachment;
import io.faultline.notifier.domain.GuestCall;
import io.faultline.notifier.domain.GuestPort;
import io.faultline.notifier.domain.GuestSession;
import io.faultline.notifier.domain.HostEvent;
import io.faultline.notifier.domain.NotificationMachine;
import io.faultline.notifier.domain.OwnerPort;
import io.faultline.notifier.domain.OwnerSession;
import io.faultline.notifier.domain.SdeiImport;
import io.faultline.notifier.domain.SdeiSnapshot;
import io.faultline.notifier.domain.Verdict;
import io.faultline.simulation.check.GuestEnd;
import io.faultline.simulation.check.NotificationWatch;
import io.faultline.simulation.engine.Connection;
import io.faultline.simulation.message.Call;
import io.faultline.simulation.message.Command;
import io.faultline.simulation.message.Event;
import io.faultline.simulation.message.Ruling;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * notifier-service: the real {@link NotificationMachine} and what {@code NotifyStream} and {@code GuestStream} do around it.
 * One thread.
 */
public final class NotificationPlane {
    private static final int VCPUS_MAX = 64;

    private final World world;
    private @Nullable Instance instance;
    private boolean areasAccessible = true;

    /** A notifier that does not run yet. */
    public NotificationPlane(World world) {
        this.world = world;
    }

    /** Starts the process. */
    public void start() {
        world.journal().note("notifier: starts");
        instance = new Instance();
    }

    /** Kills the process: all state is gone, streams break. */
    public void crash() {
        Instance dying = instance;
        if (dying != null) {
            world.journal().note("notifier: dies");
            instance = null;
            dying.die();
        }
    }

    /** Whether it runs. */
    public boolean isUp() {
        return instance != null;
    }

    /** Whether guests' shared areas can be accessed from now on. */
    public void areasAccessible(boolean accessible) {
        areasAccessible = accessible;
        if (instance != null) {
            instance.enter();
        }
    }

    /** What migrates of a vCPU's SDEI state, or null: the process is down, or the vCPU is not here. */
    public @Nullable SdeiSnapshot exportSdei(long vmId, int vcpuId) {
        return instance == null ? null : instance.machine.exportSdei(vmId, vcpuId);
    }

    /** A vCPU takes the SDEI state over that was exported of it; whether it did. */
    public boolean importSdei(long vmId, int vcpuId, long epoch, SdeiSnapshot snapshot) {
        if (instance == null || instance.machine.importSdei(vmId, vcpuId, epoch, snapshot) != SdeiImport.IMPORTED) {
            return false;
        }
        world.journal().note("notifier: vcpu " + vmId + "/" + vcpuId + " goes on in epoch " + epoch);
        instance.watch.migrated(vmId, vcpuId, epoch);
        instance.enter();
        return true;
    }

    /** Breaks every fault plane's stream. */
    public void cutOwners() {
        if (instance != null) {
            List.copyOf(instance.owners).forEach(owner -> owner.connection.cut());
        }
    }

    /** Where fault planes connect. */
    public Connection.Server<Command, Ruling> owners() {
        return new Connection.Server<>() {
            @Override
            public boolean isUp() {
                return instance != null;
            }

            @Override
            public Connection.Session<Command> accept(Connection<Command, Ruling> connection) {
                return running().owner(connection);
            }
        };
    }

    /** Where guests attach. */
    public Connection.Server<Call, Event> guests() {
        return new Connection.Server<>() {
            @Override
            public boolean isUp() {
                return instance != null;
            }

            @Override
            public Connection.Session<Call> accept(Connection<Call, Event> connection) {
                return running().guest(connection);
            }
        };
    }

    /** vCPUs that belong to a fault plane. */
    public long vcpus() {
        return instance == null ? 0 : instance.watch.ownedVcpus();
    }

    /** Tokens accepted and not ended. */
    public int tokensOutstanding() {
        return instance == null ? 0 : instance.watch.tokensOutstanding();
    }

    /** What guests were not told yet, in words. */
    public String untold() {
        return instance == null ? "" : instance.watch.untold();
    }

    private Instance running() {
        if (instance == null) {
            throw new IllegalStateException("notifier: not running (expected: running)");
        }
        return instance;
    }

    /** One life of the service. */
    private final class Instance {
        private final NotificationMachine machine =
                new NotificationMachine(step -> {}, (vmId, address) -> areasAccessible, VCPUS_MAX);
        private final NotificationWatch watch = new NotificationWatch(world.readyPages(), () -> areasAccessible);
        private final Set<Owner> owners = new LinkedHashSet<>();
        private final Set<Guest> guests = new LinkedHashSet<>();

        void die() {
            owners.forEach(owner -> owner.connection.serverDied());
            guests.forEach(guest -> guest.connection.serverDied());
        }

        Owner owner(Connection<Command, Ruling> connection) {
            Owner owner = new Owner(connection);
            owners.add(owner);
            return owner;
        }

        Guest guest(Connection<Call, Event> connection) {
            Guest guest = new Guest(connection);
            guests.add(guest);
            return guest;
        }

        private void enter() {
            machine.enter();
            watch.entered();
        }

        private void resumeGuests() {
            List.copyOf(guests).forEach(guest -> guest.connection.up().readOn());
        }

        /** A fault plane's stream. */
        private final class Owner implements Connection.Session<Command>, OwnerPort {
            private final Connection<Command, Ruling> connection;
            private final OwnerSession session;

            Owner(Connection<Command, Ruling> connection) {
                this.connection = connection;
                session = machine.connect(this);
                connection.up().readWhile(this::isWritable);
                connection.down().whenTaken(() -> {
                    connection.up().readOn();
                    resumeGuests();
                });
            }

            @Override
            public void received(List<Command> commands) {
                for (Command command : commands) {
                    world.journal().note("notifier: " + command);
                    watch.command(command, this);
                    world.taps().commandsIn.pass(command, this::execute);
                    watch.commandDone();
                }
                enter();
            }

            @Override
            public void ended() {
                world.journal().note("notifier: a fault plane is gone");
                owners.remove(this);
                session.close();
                watch.ownerGone(this);
                resumeGuests();
            }

            @Override
            public void verdict(Verdict verdict) {
                world.taps().rulingsOut.pass(Ruling.of(verdict), this::say);
            }

            @Override
            public boolean isWritable() {
                return connection.down().untaken() < world.limits().rulingsMax();
            }

            private void say(Ruling ruling) {
                world.journal().note("notifier says: " + ruling);
                world.tally().count("verdicts", ruling.kind().name());
                if (ruling.refusal() != Refusal.NONE) {
                    world.tally().count("refusals", ruling.refusal().name());
                }
                watch.ruling(ruling, this);
                connection.down().send(ruling);
            }

            private void execute(Command command) {
                long vmId = command.vmId();
                int vcpuId = command.vcpuId();
                long epoch = command.epoch();
                switch (command.kind()) {
                    case CREATE -> session.create(vmId, vcpuId, epoch, command.sdeiEvent(), command.interrupt());
                    case DESTROY -> session.destroy(vmId, vcpuId, epoch);
                    case ARM ->
                        session.arm(vmId, vcpuId, epoch, command.control(), command.sdeiEvent(), command.interrupt());
                    case DISARM -> session.disarm(vmId, vcpuId, epoch);
                    case RESET -> session.reset(vmId, vcpuId, epoch);
                    case PUBLISH -> {
                        if (command.mayWait()) {
                            session.publishOrWait(vmId, vcpuId, epoch, command.token(), 0);
                        } else {
                            session.publish(vmId, vcpuId, epoch, command.token(), 0);
                        }
                    }
                    case WITHDRAW -> session.withdraw(vmId, vcpuId, epoch, command.token());
                    case COMPLETE -> session.complete(vmId, vcpuId, epoch, command.token(), 0);
                    case WAKE_ALL -> session.wakeAll(vmId, vcpuId, epoch);
                }
            }
        }

        /** A guest's stream. */
        private final class Guest implements Connection.Session<Call>, GuestPort, GuestEnd {
            private final Connection<Call, Event> connection;
            private final GuestSession session;
            private final GuestCall carrier = new GuestCall();
            private long vmId;
            private boolean congested;
            private boolean ended;

            Guest(Connection<Call, Event> connection) {
                this.connection = connection;
                session = machine.connect(this);
                connection.up().readWhile(() -> isWritable() && session.isOwnerWritable());
                connection.down().whenTaken(this::taken);
            }

            private void taken() {
                if (!ended && congested && isWritable()) {
                    congested = false;
                    session.writable();
                    enter();
                    connection.up().readOn();
                }
            }

            @Override
            public void received(List<Call> calls) {
                for (Call call : calls) {
                    if (!ended) {
                        world.journal().note("notifier: " + call);
                        vmId = call.vmId();
                        watch.call(call, this);
                        world.taps().callsIn.pass(call, this::execute);
                        watch.callDone();
                    }
                }
                enter();
            }

            @Override
            public void ended() {
                if (!ended) {
                    world.journal().note("notifier: the guest of vm " + vmId + " is gone");
                    ended = true;
                    guests.remove(this);
                    session.close();
                    watch.guestGone(this);
                }
            }

            @Override
            public void event(HostEvent event) {
                world.taps().eventsOut.pass(Event.of(vmId, event), this::tell);
            }

            @Override
            public boolean isWritable() {
                return connection.down().untaken() < world.limits().eventsMax();
            }

            private void tell(Event event) {
                world.journal().note("notifier tells: " + event);
                world.tally().count("events", event.kind().name());
                watch.event(event, this);
                connection.down().send(event);
                congested |= !isWritable();
            }

            private void execute(Call call) {
                switch (call.kind()) {
                    case ATTACH -> {
                        if (session.attach(call.vmId(), call.vcpuId(), call.callId()) != Attachment.ATTACHED) {
                            world.tally().count("guests", "attach refused");
                            ended();
                            connection.endByServer();
                        }
                    }
                    case SDEI -> {
                        carrier.begin(call.vcpuId(), call.callId(), call.function());
                        carrier.argument(1, call.argument1());
                        carrier.argument(2, call.argument2());
                        session.sdeiCall(carrier);
                    }
                    case CLEAR_AREA -> session.clearArea(call.vcpuId(), call.callId(), call.words());
                    case ACKNOWLEDGE -> session.acknowledge(call.vcpuId(), call.callId());
                    case DETACH -> session.detach(call.vcpuId(), call.callId());
                }
            }
        }
    }
}
