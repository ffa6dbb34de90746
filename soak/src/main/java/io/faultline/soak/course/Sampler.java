// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.course;

import io.faultline.processes.Exposition;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks at processes at even times, on a thread of its own, from {@link #start} to {@link #end}. A process that cannot be looked
 * at, because it is being struck, has no sample then.
 */
public final class Sampler implements AutoCloseable {
    private static final int SAMPLES = 120;
    private static final Duration PERIOD_MIN = Duration.ofSeconds(1);
    /** A collection stops its process for a moment, so that one is asked for more rarely. */
    private static final int SAMPLES_OF_A_COLLECTION = 2;

    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final double NS_PER_S = 1e9;

    private final long periodNs;
    private final long beganNs = System.nanoTime();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final List<Lane> lanes;
    private final Thread thread = Thread.ofPlatform().name("course").unstarted(this::run);

    private Sampler(List<Watched> watched, Duration run) {
        lanes = watched.stream().map(Lane::new).toList();
        periodNs = Math.max(PERIOD_MIN.toNanos(), run.toNanos() / SAMPLES);
    }

    /** Begins; a run of about that long gets some 120 samples of each measure, however long it is. */
    public static Sampler start(List<Watched> watched, Duration run) {
        Sampler sampler = new Sampler(watched, run);
        sampler.thread.start();
        return sampler;
    }

    /** Ends, and tells what was seen. */
    public Course end() {
        double runS = (System.nanoTime() - beganNs) / NS_PER_S;
        close();
        return new Course(
                lanes.stream().flatMap(lane -> lane.series.values().stream()).toList(), runS);
    }

    @Override
    public void close() {
        ended.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (int i = 1; !ended.await(periodNs, TimeUnit.NANOSECONDS); i++) {
                for (Lane lane : lanes) {
                    Map<Measure, Double> seen = lane.look(client, i % SAMPLES_OF_A_COLLECTION == 0);
                    lane.add((System.nanoTime() - beganNs) / NS_PER_S, seen);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One process and what was seen of it. */
    private static final class Lane {
        private final Watched watched;
        private final Map<Measure, Series> series = new EnumMap<>(Measure.class);
        private @Nullable FaultTimes lastFaults;

        Lane(Watched watched) {
            this.watched = watched;
            watched.measures().forEach(measure -> series.put(measure, new Series(watched.name(), measure)));
        }

        void add(double s, Map<Measure, Double> seen) {
            series.forEach((measure, own) -> {
                Double value = seen.get(measure);
                if (value != null) {
                    own.add(s, value);
                }
            });
        }

        Map<Measure, Double> look(HttpClient client, boolean isCollecting) throws InterruptedException {
            Map<Measure, Double> seen = new EnumMap<>(Measure.class);
            long pid = watched.process().get().pid();
            try {
                boolean isCollected = isCollecting && ProcessFigures.collected(pid);
                if (watched.measures().containsAll(Measure.OF_THE_SYSTEM)) {
                    seen.put(Measure.RESIDENT, (double) ProcessFigures.residentBytes(pid));
                    seen.put(Measure.THREADS, (double) ProcessFigures.threads(pid));
                    seen.put(Measure.FILES, (double) ProcessFigures.openFiles(pid));
                }
                Exposition exposition = Exposition.read(client, watched.managementPort(), TIMEOUT);
                if (isCollected) {
                    seen.put(Measure.HEAP, exposition.sum("jvm_memory_used_bytes", "area", "heap"));
                }
                seen.put(Measure.DIRECT, exposition.sum("jvm_buffer_memory_used_bytes", "id", "direct"));
                if (watched.measures().containsAll(Measure.OF_FAULTS)) {
                    faults(FaultTimes.of(exposition), seen);
                }
            } catch (IOException struck) {
                // It is away, or stands still: what was seen counts, and a course with too few samples says so.
            }
            return seen;
        }

        private void faults(FaultTimes now, Map<Measure, Double> seen) {
            FaultTimes since = now.since(lastFaults);
            if (lastFaults != null && since.total() > 0) {
                seen.put(Measure.FAULT_P50, since.quantile(0.5));
                seen.put(Measure.FAULT_P99, since.quantile(0.99));
            }
            lastFaults = now;
        }
    }
}
