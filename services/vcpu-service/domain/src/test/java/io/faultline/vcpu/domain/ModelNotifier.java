// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.Refusal;
import io.faultline.model.Token;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;

/** The notification plane as the contract has it, without guests: orders of delivery and refusals are random. */
final class ModelNotifier {
    private static final Refusal[] REFUSALS = {Refusal.PE_MASKED, Refusal.AREA_BUSY};

    private final Random random;
    private final Map<Integer, Pe> pes = new HashMap<>();
    boolean connected = true;

    private record Command(String kind, long epoch, int token) {}

    private interface Verdict {
        void giveTo(Vcpu vcpu, long nowNs);
    }

    /** One vCPU's notifications. */
    private static final class Pe {
        final Deque<Command> commands = new ArrayDeque<>();
        final Deque<Verdict> verdicts = new ArrayDeque<>();
        final Set<Integer> outstanding = new HashSet<>();
        /** Publications whose answer waits; one at a time. */
        final Deque<Integer> waiting = new ArrayDeque<>();
        /** Completed and not yet published, oldest first. */
        final Deque<Integer> done = new ArrayDeque<>();

        long epoch;
        boolean armed;

        void disarm() {
            armed = false;
            outstanding.clear();
            waiting.clear();
            done.clear();
        }
    }

    ModelNotifier(Random random) {
        this.random = random;
    }

    void send(String kind, int vcpuId, long epoch, int token) {
        assertThat(connected).as("%s while the notifier is away", kind).isTrue();
        pes.computeIfAbsent(vcpuId, id -> new Pe()).commands.add(new Command(kind, epoch, token));
    }

    void lose() {
        connected = false;
        pes.clear();
    }

    boolean isIdle() {
        return pes.values().stream()
                .allMatch(pe ->
                        pe.commands.isEmpty() && pe.verdicts.isEmpty() && pe.done.isEmpty() && pe.waiting.isEmpty());
    }

    /** The guest of one vCPU goes away. */
    void detach() {
        List<Pe> armed = new ArrayList<>(pes.values());
        armed.removeIf(pe -> !pe.armed);
        if (!armed.isEmpty()) {
            Pe pe = armed.get(random.nextInt(armed.size()));
            pe.disarm();
            long epoch = pe.epoch;
            pe.verdicts.add((vcpu, nowNs) -> vcpu.guestDetached(epoch, nowNs));
        }
    }

    /** One thing happens on one vCPU: a command is carried out, a page-ready published, or a verdict arrives. */
    void moveOne(VirtualMachine vm, long nowNs, int refusals) {
        List<Integer> ids = new ArrayList<>(pes.keySet());
        if (ids.isEmpty()) {
            return;
        }
        int id = ids.get(random.nextInt(ids.size()));
        Pe pe = Objects.requireNonNull(pes.get(id));
        int dice = random.nextInt(3);
        if (dice == 0 && !pe.commands.isEmpty()) {
            carryOut(pe, pe.commands.remove(), random.nextInt(100) < refusals);
        } else if (dice == 1 && !pe.done.isEmpty()) {
            int token = pe.done.remove();
            long epoch = pe.epoch;
            pe.verdicts.add((vcpu, now) -> vcpu.ready(epoch, token, now));
        } else if (dice == 1 && !pe.waiting.isEmpty() && random.nextInt(4) == 0) {
            accept(pe, pe.waiting.remove());
        } else if (!pe.verdicts.isEmpty()) {
            pe.verdicts.remove().giveTo(Objects.requireNonNull(vm.vcpu(id)), nowNs);
        }
    }

    private void carryOut(Pe pe, Command command, boolean refuse) {
        long epoch = command.epoch;
        int token = command.token;
        switch (command.kind) {
            case "CREATE" -> {
                pe.epoch = epoch;
                pe.verdicts.add((vcpu, nowNs) -> vcpu.created(epoch, nowNs));
            }
            case "DESTROY" -> pe.disarm();
            case "ARM" -> arm(pe, epoch, refuse);
            case "RESET" -> {
                assertThat(epoch).isGreaterThan(pe.epoch);
                pe.disarm();
                pe.epoch = epoch;
            }
            default -> {
                if (epoch != pe.epoch) {
                    pe.verdicts.add((vcpu, nowNs) -> vcpu.stale(epoch, token, nowNs));
                } else {
                    carryOutInEpoch(pe, command, refuse);
                }
            }
        }
    }

    private static void arm(Pe pe, long epoch, boolean refuse) {
        assertThat(epoch).isGreaterThan(pe.epoch);
        if (refuse) {
            pe.verdicts.add((vcpu, nowNs) -> vcpu.refused(epoch, Token.NONE, Refusal.NO_GUEST, nowNs));
        } else {
            pe.disarm();
            pe.epoch = epoch;
            pe.armed = true;
            pe.verdicts.add((vcpu, nowNs) -> vcpu.armed(epoch, nowNs));
        }
    }

    private static void accept(Pe pe, int token) {
        long epoch = pe.epoch;
        assertThat(Token.isIssuable(token)).isTrue();
        assertThat(pe.outstanding.add(token)).as("token used twice").isTrue();
        pe.verdicts.add((vcpu, nowNs) -> vcpu.accepted(epoch, token, nowNs));
    }

    private void carryOutInEpoch(Pe pe, Command command, boolean refuse) {
        long epoch = command.epoch;
        int token = command.token;
        switch (command.kind) {
            case "DISARM" -> pe.disarm();
            case "WAKE_ALL" -> pe.done.add(token);
            case "PUBLISH" -> {
                if (refuse || !pe.armed) {
                    Refusal refusal = pe.armed ? REFUSALS[random.nextInt(REFUSALS.length)] : Refusal.NOT_ARMED;
                    pe.verdicts.add((vcpu, nowNs) -> vcpu.refused(epoch, token, refusal, nowNs));
                } else {
                    accept(pe, token);
                }
            }
            case "PUBLISH_OR_WAIT" -> {
                if (pe.armed && !refuse && random.nextInt(3) == 0) {
                    assertThat(pe.waiting).as("publications that wait").isEmpty();
                    pe.waiting.add(token);
                } else {
                    carryOutInEpoch(pe, new Command("PUBLISH", epoch, token), refuse);
                }
            }
            case "WITHDRAW" -> {
                if (pe.waiting.remove(token)) {
                    pe.verdicts.add((vcpu, nowNs) -> vcpu.refused(epoch, token, Refusal.READY_UNACKNOWLEDGED, nowNs));
                }
            }
            case "COMPLETE" -> {
                if (!pe.outstanding.remove(token)) {
                    pe.verdicts.add((vcpu, nowNs) -> vcpu.unknown(epoch, token, nowNs));
                } else if (random.nextInt(4) == 0) {
                    pe.verdicts.add((vcpu, nowNs) -> vcpu.cancelled(epoch, token, nowNs));
                } else {
                    pe.done.add(token);
                }
            }
            default -> throw new AssertionError(command);
        }
    }
}
