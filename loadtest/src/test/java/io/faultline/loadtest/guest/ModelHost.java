// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.guest;

import io.faultline.model.AsyncPf;
import io.faultline.model.Token;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A host that decides at random and lets its two streams run at random speeds, each in its order, and asserts what a
 * guest may never do.
 */
final class ModelHost implements GuestHost {
    private static final int NOT_PRESENT = 1;
    private static final int READY = 2;

    /** What the host knows of a vCPU. */
    private static final class Vcpu {
        final ArrayDeque<Integer> ready = new ArrayDeque<>();
        final Map<Integer, Long> parked = new HashMap<>();
        boolean enabled;
        boolean areaBusy;
        boolean inHandler;
        boolean readyUnacknowledged;
        boolean undecided;
        int lastSequence;
    }

    private final Random random;
    private final Map<Integer, Vcpu> vcpus = new HashMap<>();
    private final ArrayDeque<Runnable> outcomes = new ArrayDeque<>();
    private final ArrayDeque<Runnable> events = new ArrayDeque<>();
    private final ArrayDeque<Runnable> answers = new ArrayDeque<>();
    private final List<Runnable> fetches = new ArrayList<>();
    private final Set<Long> ended = new HashSet<>();

    @SuppressWarnings("NullAway.Init") // Set once: host and guest need each other.
    private GuestKernel kernel;

    ModelHost(Random random, int vcpuCount) {
        this.random = random;
        for (int id = 0; id < vcpuCount; id++) {
            vcpus.put(id, new Vcpu());
        }
    }

    void connect(GuestKernel guest) {
        kernel = guest;
    }

    int vcpuCount() {
        return vcpus.size();
    }

    int endedFaults() {
        return ended.size();
    }

    /** One random thing happens; false when nothing can. */
    boolean step() {
        List<Runnable> possible = new ArrayList<>();
        for (ArrayDeque<Runnable> stream : List.of(outcomes, events, answers)) {
            if (!stream.isEmpty()) {
                possible.add(() -> stream.remove().run());
            }
        }
        if (!fetches.isEmpty()) {
            possible.add(() -> fetches.remove(random.nextInt(fetches.size())).run());
        }
        if (possible.isEmpty()) {
            return false;
        }
        possible.get(random.nextInt(possible.size())).run();
        if (random.nextInt(4) > 0) {
            kernel.run();
        }
        return true;
    }

    /** The guest's connection breaks: what is on it is lost, what it waited for is dropped. */
    void cut() {
        events.clear();
        vcpus.forEach((id, vcpu) -> {
            vcpu.enabled = false;
            vcpu.areaBusy = false;
            vcpu.inHandler = false;
            vcpu.readyUnacknowledged = false;
            vcpu.ready.clear();
            vcpu.parked.forEach((token, sequence) -> fetches.add(() -> outcomes.add(() -> end(sequence, token, true))));
            vcpu.parked.clear();
        });
        kernel.allDetached();
        kernel.run();
    }

    @Override
    public void raise(int vcpuId, long sequence, int access, boolean retry) {
        Vcpu vcpu = vcpu(vcpuId);
        require(!vcpu.undecided, "a fault while another is undecided");
        require(!vcpu.inHandler, "a fault inside the handler");
        vcpu.undecided = true;
        int choice = random.nextInt(10);
        boolean eligible = vcpu.enabled && !vcpu.areaBusy && !vcpu.readyUnacknowledged && !retry;
        if (choice < 2) {
            decide(vcpu, () -> end(sequence, Token.NONE, false));
        } else if (choice < 8 && eligible && vcpu.parked.size() < AsyncPf.WORKS_PER_VCPU) {
            goAsync(vcpuId, vcpu, sequence, choice == 2);
        } else {
            fetches.add(() -> decide(vcpu, () -> end(sequence, Token.NONE, false)));
        }
    }

    private void goAsync(int vcpuId, Vcpu vcpu, long sequence, boolean cancelled) {
        int token = Token.of(++vcpu.lastSequence, vcpuId);
        decide(vcpu, () -> kernel.faultAsync(sequence, token));
        if (cancelled) {
            outcomes.add(() -> end(sequence, token, false));
            return;
        }
        vcpu.areaBusy = true;
        vcpu.inHandler = true;
        vcpu.parked.put(token, sequence);
        events.add(() -> kernel.notPresent(vcpuId, NOT_PRESENT, token));
        fetches.add(() -> {
            if (vcpu.parked.containsKey(token)) {
                vcpu.ready.add(token);
                publishReady(vcpuId, vcpu);
            }
        });
    }

    private void publishReady(int vcpuId, Vcpu vcpu) {
        if (vcpu.areaBusy || vcpu.inHandler || vcpu.readyUnacknowledged || vcpu.ready.isEmpty()) {
            return;
        }
        int token = vcpu.ready.remove();
        vcpu.areaBusy = true;
        vcpu.readyUnacknowledged = true;
        events.add(() -> kernel.interrupt(vcpuId, READY, token));
        Long sequence = vcpu.parked.remove(token);
        if (sequence != null) {
            outcomes.add(() -> end(sequence, token, false));
        }
    }

    private void decide(Vcpu vcpu, Runnable outcome) {
        outcomes.add(() -> {
            vcpu.undecided = false;
            outcome.run();
        });
    }

    private void end(long sequence, int token, boolean dropped) {
        require(ended.add(sequence), "a fault that ends twice");
        kernel.faultEnded(sequence, token, dropped);
    }

    @Override
    public void attach(int vcpuId, long callId) {
        events.add(() -> kernel.attached(vcpuId));
    }

    @Override
    public void sdeiCall(int vcpuId, long callId, int function, long... arguments) {
        Vcpu vcpu = vcpu(vcpuId);
        if (function == SdeiFunction.EVENT_COMPLETE || function == SdeiFunction.EVENT_COMPLETE_AND_RESUME) {
            require(vcpu.inHandler, "completing outside a handler");
            require(!vcpu.areaBusy, "completing before the area is cleared");
            vcpu.inHandler = false;
            events.add(() -> kernel.resumed(vcpuId, callId));
            publishReady(vcpuId, vcpu);
        } else {
            events.add(() -> kernel.result(vcpuId, callId, 0));
        }
    }

    @Override
    public void clearArea(int vcpuId) {
        Vcpu vcpu = vcpu(vcpuId);
        require(vcpu.areaBusy, "clearing an area that is free");
        vcpu.areaBusy = false;
    }

    @Override
    public void acknowledge(int vcpuId, long callId) {
        Vcpu vcpu = vcpu(vcpuId);
        require(vcpu.readyUnacknowledged && !vcpu.areaBusy, "acknowledging nothing, or before clearing");
        vcpu.readyUnacknowledged = false;
        publishReady(vcpuId, vcpu);
        events.add(() -> kernel.result(vcpuId, callId, 0));
    }

    @Override
    public void hypercall(int vcpuId, int function, long argument) {
        long result = switch (function) {
            case AsyncPfFunction.VERSION -> AsyncPf.VERSION;
            case AsyncPfFunction.SLOTS -> AsyncPf.WORKS_PER_VCPU;
            case AsyncPfFunction.SDEI -> AsyncPf.DEFAULT_SDEI_EVENT;
            case AsyncPfFunction.IRQ -> AsyncPf.DEFAULT_INTERRUPT;
            default -> 0;
        };
        if (function == AsyncPfFunction.ENABLE) {
            Vcpu vcpu = vcpu(vcpuId);
            vcpu.enabled = true;
            vcpu.ready.add(Token.WAKE_ALL);
            publishReady(vcpuId, vcpu);
        }
        answers.add(() -> kernel.hypercallReturned(vcpuId, result));
    }

    private Vcpu vcpu(int vcpuId) {
        Vcpu vcpu = vcpus.get(vcpuId);
        if (vcpu == null) {
            throw new AssertionError("vCPU " + vcpuId);
        }
        return vcpu;
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError("the guest did what it may not: " + otherwise);
        }
    }
}
