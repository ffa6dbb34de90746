// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak;

import io.faultline.audit.AuditTrail;
import io.faultline.audit.verify.AuditReport;
import io.faultline.loadtest.ReplayOutput;
import io.faultline.soak.course.Course;
import io.faultline.soak.course.Sampler;
import io.faultline.soak.strike.Chaos;
import io.faultline.soak.strike.ClusterStrikes;
import io.faultline.soak.strike.PagerStrikes;
import io.faultline.soak.strike.StrikeRecord;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;

/**
 * Starts a whole system, lets guests write in it for a time while things go wrong, and proves that each page is what its
 * guest last wrote, that each token ended once, and that no service took more and more. One use. {@link #run} belongs on a thread of the caller's, {@link #stop} on any
 * other.
 */
public final class Soak {
    private static final double NS_PER_S = 1e9;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final SoakSettings settings;
    private final SoakListener listener;
    private final List<VmLives> places = new ArrayList<>();
    private boolean isStopped;

    /** A soak with those settings. */
    public Soak(SoakSettings settings, SoakListener listener) {
        this.settings = settings;
        this.listener = listener;
    }

    /**
     * Soaks. Every process that it started has ended when it returns, however it does.
     *
     * @throws IllegalStateException when the system does not come up
     * @throws CancellationException when it was stopped
     */
    public SoakResult run() throws IOException {
        try (SoakSystem system = SoakSystem.start(settings.home(), settings.directory(), this::starts)) {
            List<Pulse> pulses = new ArrayList<>();
            long beganNs = System.nanoTime();
            place(system, pulses, beganNs + settings.duration().toNanos());
            Pulses guests = new Pulses(pulses, VmLives.TASKS, PATIENCE);
            List<String> broken = new ArrayList<>();
            List<StrikeRecord> strikes = new ArrayList<>();
            List<VmLife> lives;
            Course course;
            try (Sampler sampler = Sampler.start(system.watched(), settings.duration())) {
                lives = soak(system, guests, strikes, broken);
                course = sampler.end();
            }
            broken.addAll(course.complaints());
            double elapsedS = (System.nanoTime() - beganNs) / NS_PER_S;
            VcpuMeters meters = system.meters();
            listener.begins("Ending the planes and verifying the audit trail");
            system.endPlanes();
            AuditReport audit = ReplayOutput.verify(system.bootstrap(), AuditTrail.DEFAULT_TOPIC, false);
            lives.forEach(life -> life.broken().forEach(what -> broken.add("VM " + life.vmId() + ": " + what)));
            audit(audit, broken);
            return new SoakResult(
                    settings,
                    elapsedS,
                    SoakCounts.of(lives),
                    strikes,
                    meters,
                    guests.longestStandstillNs() / NS_PER_S,
                    course,
                    audit,
                    broken);
        }
    }

    /** Makes {@link #run} end soon. */
    public synchronized void stop() {
        isStopped = true;
        places.forEach(VmLives::stop);
    }

    private synchronized void requireGoesOn() {
        if (isStopped) {
            throw new CancellationException("the soak was stopped");
        }
    }

    private void starts(String part) {
        requireGoesOn();
        listener.begins("Starting " + part);
    }

    private synchronized void place(SoakSystem system, List<Pulse> pulses, long endNs) {
        requireGoesOn();
        for (int i = 0; i < settings.load().vms(); i++) {
            Pulse pulse = new Pulse();
            pulses.add(pulse);
            places.add(new VmLives(settings, system.services(), i, pulse, endNs));
        }
    }

    private List<VmLife> soak(SoakSystem system, Pulses guests, List<StrikeRecord> strikes, List<String> broken) {
        listener.begins("Soaking for " + settings.duration().toSeconds() + " s"
                + (settings.isChaos() ? " with chaos, seed " + settings.seed() : ""));
        List<List<VmLife>> lives = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (VmLives place : places) {
            threads.add(Thread.ofPlatform().name("guest-" + threads.size()).start(() -> {
                List<VmLife> lived = place.run();
                synchronized (lives) {
                    lives.add(lived);
                }
            }));
        }
        if (settings.isChaos()) {
            guests.awaitReplaying(() -> threads.stream().noneMatch(Thread::isAlive));
            try (Chaos chaos = chaos(system, guests)) {
                threads.forEach(Soak::join);
                chaos.end();
                strikes.addAll(chaos.survived());
                broken.addAll(chaos.failures());
            }
        }
        threads.forEach(Soak::join);
        requireGoesOn();
        return lives.stream().flatMap(List::stream).toList();
    }

    private Chaos chaos(SoakSystem system, Pulses guests) {
        Random seeds = new Random(settings.seed());
        return Chaos.start(
                List.of(
                        new PagerStrikes(system.pagers(), seeds.nextLong()),
                        new ClusterStrikes(system.store(), seeds.nextLong())),
                seeds.nextLong(),
                guests,
                listener::survived);
    }

    private static void audit(AuditReport audit, List<String> broken) {
        if (audit.steps() == 0) {
            broken.add("the audit trail is empty");
        }
        if (!audit.holds()) {
            broken.add("the audit trail has " + audit.gaps() + " gaps and " + audit.violations() + " violations: "
                    + String.join(
                            "; ",
                            audit.details().stream()
                                    .map(detail -> detail.rule() + ": " + detail.sentence())
                                    .toList()));
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
