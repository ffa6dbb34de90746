// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.loss;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;

/** Loses one part after another, each of a system of its own. One use; {@link #stop} belongs on any thread. */
public final class Losses {
    /** What the time from a part's return to the last access begun before it should be less than, in seconds. */
    public static final double AIM_S = 2;

    private final Path home;
    private final Path directory;
    private final Listener listener;
    private volatile boolean isStopped;

    /** Who hears of losses; on the caller's thread. */
    public interface Listener {
        /** A part of a loss begins; in words. */
        void begins(String what);

        /** A loss is over. */
        void ended(LossResult result);
    }

    /**
     * Loses nothing yet.
     *
     * @param home the repository's root, with executable jars and recordings
     * @param directory where data and logs go, a directory each
     */
    public Losses(Path home, Path directory, Listener listener) {
        this.home = home;
        this.directory = directory;
        this.listener = listener;
    }

    /** The names of all losses, in their order. */
    public static List<String> names() {
        return Scenarios.all().stream().map(Scenario::name).toList();
    }

    /** What a loss is, for a person. */
    public static String words(String name) {
        return scenario(name).words();
    }

    /**
     * Tries each of those. Every process that it started has ended when it returns, however it does.
     *
     * @throws IllegalArgumentException for a name that is none
     * @throws CancellationException when it was stopped
     */
    public List<LossResult> run(List<String> names) throws IOException, InterruptedException {
        List<Scenario> scenarios = names.stream().map(Losses::scenario).toList();
        List<LossResult> results = new ArrayList<>();
        for (Scenario scenario : scenarios) {
            LossResult result = run(scenario);
            results.add(result);
            listener.ended(result);
        }
        return results;
    }

    /** Makes {@link #run} end soon. */
    public void stop() {
        isStopped = true;
    }

    private LossResult run(Scenario scenario) throws IOException, InterruptedException {
        String obstacle = scenario.obstacle();
        if (obstacle != null) {
            return LossResult.skipped(scenario, obstacle);
        }
        Path own = Files.createDirectories(directory.resolve(scenario.name()));
        Consumer<String> says = what -> {
            if (isStopped) {
                throw new CancellationException("the losses were stopped");
            }
            listener.begins(what);
        };
        return new LossRun(scenario, home, own, says).run();
    }

    private static Scenario scenario(String name) {
        return Scenarios.all().stream()
                .filter(scenario -> scenario.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "loss: " + name + " (expected: one of " + String.join(", ", names()) + ")"));
    }
}
