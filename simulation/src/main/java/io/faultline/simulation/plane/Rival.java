// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.plane;

import io.faultline.model.AsyncPf;
import io.faultline.model.ControlWord;
import io.faultline.model.Token;
import io.faultline.notifier.domain.AreaWords;
import io.faultline.simulation.engine.Chance;
import io.faultline.simulation.engine.Life;
import io.faultline.simulation.message.Call;
import io.faultline.simulation.message.Command;
import io.faultline.simulation.message.Event;
import io.faultline.simulation.message.Ruling;

/**
 * Another vcpu-service that uses the same notifier, of another make, with a VM and a guest of its own: it sends commands in
 * orders, epochs and numbers that ours never would, also about vCPUs that are not its. One thread.
 */
public final class Rival {
    private static final long VM = 99;
    private static final int VCPU = 0;
    private static final int VCPUS = 80;
    private static final int NO_VCPU_ID = Token.VCPU_ID_MAX + 1;
    private static final int EVENT_REGISTER = 0xC400_0021;
    private static final int EVENT_ENABLE = 0xC400_0022;
    private static final int EVENT_COMPLETE = 0xC400_0025;
    private static final int PE_UNMASK = 0xC400_002C;
    private static final long HANDLER = 0x8000;
    private static final long AREA = 0x1000;
    private static final long MS = 1_000_000;

    private final World world;
    private final Life life = new Life();
    private final Peer<Command, Ruling> toNotifier;
    private final Peer<Call, Event> guest;
    private long epoch = 1;
    private int lastNumber;

    /** One that does not run. */
    public Rival(World world, NotificationPlane notifier) {
        this.world = world;
        toNotifier = new Peer<>(world, life, notifier.owners(), new Rulings());
        guest = new Peer<>(world, life, notifier.guests(), new Events());
    }

    /** Starts. */
    public void start() {
        toNotifier.open();
        guest.open();
        act();
    }

    /** Is gone for good. */
    public void stop() {
        life.end();
        toNotifier.die();
        guest.die();
    }

    private void act() {
        if (toNotifier.isConnected()) {
            for (int i = world.chance().below(4); i >= 0; i--) {
                say();
            }
        }
        world.timeline().after(world.chance().between(MS / 10, 5 * MS), life, this::act);
    }

    private void say() {
        Chance chance = world.chance();
        switch (chance.below(12)) {
            case 0, 1, 2, 3 -> publish();
            case 4, 5 -> complete(epoch);
            case 6 -> about(Command.Kind.WAKE_ALL, epoch, Token.WAKE_ALL);
            case 7 -> arm();
            case 8 -> about(Command.Kind.DISARM, epoch - chance.below(2), Token.NONE);
            case 9 -> complete(epoch - 1);
            case 10 -> aboutOthers();
            default -> {
                if (chance.onceIn(8)) {
                    createMany();
                } else {
                    create(chance.onceIn(2) ? NO_VCPU_ID : VCPU);
                }
            }
        }
    }

    /** Twice a token at times, and more than one in a batch. */
    private void publish() {
        if (lastNumber == 0 || !world.chance().onceIn(8)) {
            lastNumber++;
        }
        boolean mayWait = world.chance().onceIn(2);
        toNotifier.send(Command.publish(VM, VCPU, epoch, Token.of(lastNumber, VCPU), mayWait));
        if (mayWait && world.chance().onceIn(2)) {
            about(Command.Kind.WITHDRAW, epoch, Token.of(lastNumber, VCPU));
        }
    }

    /** Of any token so far, whether or not it ended. */
    private void complete(long ofEpoch) {
        int token = Token.of(1 + world.chance().below(lastNumber + 1), VCPU);
        world.readyPages().add(VM, VCPU, ofEpoch, token);
        about(Command.Kind.COMPLETE, ofEpoch, token);
    }

    private void arm() {
        epoch++;
        long control = world.chance().onceIn(8) ? AREA : AREA | ControlWord.ENABLED;
        toNotifier.send(Command.define(Command.Kind.ARM, VM, VCPU, epoch, numbers(control)));
    }

    private void aboutOthers() {
        Command.Kind[] kinds = {Command.Kind.PUBLISH, Command.Kind.COMPLETE, Command.Kind.WAKE_ALL, Command.Kind.DESTROY
        };
        Command.Kind kind = kinds[world.chance().below(kinds.length)];
        toNotifier.send(Command.of(kind, 1, VCPU, world.chance().below(4), Token.of(1, VCPU)));
    }

    private void createMany() {
        for (int id = 1; id < VCPUS; id++) {
            create(id);
        }
        for (int id = 1; id < VCPUS; id++) {
            toNotifier.send(Command.of(Command.Kind.DESTROY, VM, id, epoch, Token.NONE));
        }
    }

    private void create(int id) {
        toNotifier.send(Command.define(Command.Kind.CREATE, VM, id, epoch, numbers(0)));
    }

    private static Command.Numbers numbers(long control) {
        return new Command.Numbers(control, AsyncPf.DEFAULT_SDEI_EVENT, AsyncPf.DEFAULT_INTERRUPT);
    }

    private void about(Command.Kind kind, long ofEpoch, int token) {
        toNotifier.send(Command.of(kind, VM, VCPU, ofEpoch, token));
    }

    private void sdei(int function, long argument2) {
        guest.send(
                new Call(Call.Kind.SDEI, VM, VCPU, 0, function, AsyncPf.DEFAULT_SDEI_EVENT, argument2, AreaWords.BOTH));
    }

    private final class Rulings implements Peer.Heard<Ruling> {
        @Override
        public void connected() {
            create(VCPU);
        }

        @Override
        public void received(Ruling ruling) {}

        @Override
        public void disconnected() {}
    }

    private final class Events implements Peer.Heard<Event> {
        @Override
        public void connected() {
            guest.send(Call.of(Call.Kind.ATTACH, VM, VCPU, 0));
        }

        @Override
        public void received(Event event) {
            switch (event.kind()) {
                case ATTACHED -> {
                    sdei(EVENT_REGISTER, HANDLER);
                    sdei(EVENT_ENABLE, 0);
                    sdei(PE_UNMASK, 0);
                }
                case SDEI_EVENT -> {
                    guest.send(Call.clear(VM, VCPU, AreaWords.BOTH));
                    sdei(EVENT_COMPLETE, 0);
                }
                case INTERRUPT -> {
                    guest.send(Call.clear(VM, VCPU, AreaWords.BOTH));
                    guest.send(Call.of(Call.Kind.ACKNOWLEDGE, VM, VCPU, 0));
                }
                case DETACHED -> guest.hangUp();
                case NONE, RESULT, RESUMED -> {}
            }
        }

        @Override
        public void disconnected() {}
    }
}
