// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.verify;

import io.faultline.model.FailReason;
import io.faultline.model.Resolution;
import io.faultline.model.StepKind;
import io.faultline.model.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A vCPU that lives correctly and at random: faults of every kind, many at once, guests that come and go. */
final class RandomVcpu {
    private static final int IN_FLIGHT_MAX = 60;

    private enum Stage {
        RAISED,
        PUBLISHED,
        ACCEPTED,
        DELIVERED,
        COMPLETED,
        TOLD,
        SYNCHRONOUS,
        DROPPED
    }

    private static final class Fault {
        Stage stage = Stage.RAISED;
        long raised;
        long published;
        long completed;
        boolean failed;
        int token;
        Resolution end = Resolution.NONE;
    }

    private final VcpuTrail out;
    private final Random random;
    private final List<Fault> inFlight = new ArrayList<>();
    private int lastToken;
    private long unacknowledged;
    private int unacknowledgedToken;
    private boolean enabled = true;

    RandomVcpu(Trail trail, long vmId, int vcpuId, Random random) {
        this.out = new VcpuTrail(trail, vmId, vcpuId, random.nextLong(1, 1L << 50));
        this.random = random;
        out.open();
    }

    void live() {
        int choice = random.nextInt(100);
        if (choice < 30 && inFlight.size() < IN_FLIGHT_MAX) {
            Fault fault = new Fault();
            fault.raised = out.raised();
            inFlight.add(fault);
        } else if (choice < 45 && unacknowledged != 0) {
            out.acknowledged(unacknowledgedToken, unacknowledged);
            unacknowledged = 0;
        } else if (choice == 99) {
            endEpoch();
            out.enable();
            enabled = true;
        } else if (!inFlight.isEmpty()) {
            advance(inFlight.get(random.nextInt(inFlight.size())));
        }
    }

    /** Ends every fault and both chains, and begins again if asked. */
    void end(boolean again) {
        if (random.nextBoolean()) {
            endEpoch();
        }
        while (!inFlight.isEmpty()) {
            if (unacknowledged != 0) {
                out.acknowledged(unacknowledgedToken, unacknowledged);
                unacknowledged = 0;
            }
            advance(inFlight.get(random.nextInt(inFlight.size())));
        }
        out.close();
        if (again) {
            out.registerAgain();
            out.open();
            enabled = true;
        }
    }

    private void endEpoch() {
        for (Fault fault : inFlight) {
            if (fault.stage == Stage.PUBLISHED && random.nextBoolean()) {
                // The notifier's acceptance and the end of the epoch cross.
                out.delivered(fault.token, fault.published);
            }
        }
        if (random.nextBoolean()) {
            out.notification(StepKind.GUEST_DETACHED, Token.NONE, 0);
        } else {
            out.notification(StepKind.DISABLED, Token.NONE, 0);
        }
        out.faultEpoch++;
        enabled = false;
        out.fault(StepKind.DISABLED, Token.NONE, 0, 0);
        unacknowledged = 0;
        for (Fault fault : inFlight) {
            if (fault.stage == Stage.PUBLISHED) {
                // Nobody knows what became of the publication: the vCPU stands still for the page.
                fault.stage = Stage.SYNCHRONOUS;
            } else if (fault.stage != Stage.RAISED && fault.stage != Stage.SYNCHRONOUS) {
                fault.stage = Stage.DROPPED;
            }
        }
    }

    private void advance(Fault fault) {
        switch (fault.stage) {
            case RAISED -> decide(fault);
            case PUBLISHED -> verdict(fault);
            case ACCEPTED -> cancelOrDeliver(fault);
            case DELIVERED -> complete(fault);
            case COMPLETED -> ready(fault);
            case TOLD -> finish(fault);
            case SYNCHRONOUS -> {
                if (random.nextBoolean()) {
                    out.mapped(fault.raised);
                } else {
                    out.failed(Token.NONE, FailReason.PAGE_CORRUPT, fault.raised);
                }
                inFlight.remove(fault);
            }
            case DROPPED -> {
                if (fault.completed == 0 && random.nextInt(8) == 0) {
                    fault.failed = true;
                } else if (fault.completed == 0) {
                    fault.completed = out.installed(fault.token, fault.raised);
                }
                fault.end = Resolution.DROPPED;
                finish(fault);
            }
        }
    }

    private void decide(Fault fault) {
        int choice = random.nextInt(10);
        if (choice == 0 || !enabled) {
            out.mapped(fault.raised);
            inFlight.remove(fault);
        } else if (choice == 1) {
            out.failed(Token.NONE, FailReason.NO_MEMSLOT, fault.raised);
            inFlight.remove(fault);
        } else {
            fault.token = out.token(++lastToken);
            fault.published = out.published(fault.token, fault.raised);
            fault.stage = Stage.PUBLISHED;
        }
    }

    private void verdict(Fault fault) {
        if (random.nextInt(4) == 0) {
            out.refused(fault.token, fault.raised);
            if (fault.token == out.token(lastToken)) {
                lastToken--;
            }
            out.mapped(fault.raised);
            inFlight.remove(fault);
        } else {
            fault.stage = Stage.ACCEPTED;
        }
    }

    private void cancelOrDeliver(Fault fault) {
        if (random.nextInt(3) == 0) {
            complete(fault);
            out.cancelled(fault.token, fault.completed);
            fault.end = Resolution.CANCELLED;
            fault.stage = Stage.TOLD;
        } else {
            out.delivered(fault.token, fault.published);
            fault.stage = Stage.DELIVERED;
        }
    }

    private void complete(Fault fault) {
        fault.failed = random.nextInt(8) == 0;
        fault.completed =
                fault.failed ? out.fetchFailed(fault.token, fault.raised) : out.installed(fault.token, fault.raised);
        fault.stage = Stage.COMPLETED;
    }

    private void ready(Fault fault) {
        if (unacknowledged == 0) {
            unacknowledged = out.ready(fault.token, fault.completed);
            unacknowledgedToken = fault.token;
            fault.end = Resolution.READY;
            fault.stage = Stage.TOLD;
        }
    }

    private void finish(Fault fault) {
        if (fault.failed) {
            out.failed(fault.token, FailReason.PAGE_ABSENT, fault.raised);
        } else {
            out.resolved(fault.token, fault.end, fault.raised);
        }
        inFlight.remove(fault);
    }
}
