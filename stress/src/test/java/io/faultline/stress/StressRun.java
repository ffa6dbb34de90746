// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.stress;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One run of jcstress and what it reported: for each test its outcomes and how often each came. */
final class StressRun {
    static final StressRun NONE = new StressRun(false, "not run", Map.of());

    private static final int LIMIT_MIN = 20;
    private static final Pattern TEST = Pattern.compile("^\\.+ \\[[A-Z]+] (\\S+)$");
    private static final Pattern OUTCOME = Pattern.compile("^ +(\\S.*?) +([0-9,]+) +<?[0-9.]+% +[A-Z][a-z]+ .*");

    private final boolean passed;
    private final String report;
    private final Map<String, Map<String, Long>> samples;

    private StressRun(boolean passed, String report, Map<String, Map<String, Long>> samples) {
        this.passed = passed;
        this.report = report;
        this.samples = samples;
    }

    /** Runs the tests whose names match, in every way of compiling and placing their threads or in one. */
    static StressRun of(Path folder, boolean everyWay, String tests) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "org.openjdk.jcstress.Main"));
        command.addAll(List.of("-t", tests, "-v", "-f", "1", "-iters", everyWay ? "4" : "2", "-time", "250"));
        if (!everyWay) {
            command.addAll(List.of("-sc", "false", "-af", "NONE"));
        }
        command.addAll(List.of(
                "-jvmArgs",
                "-XX:+UseSerialGC -Xmx256m --enable-native-access=ALL-UNNAMED "
                        + "--sun-misc-unsafe-memory-access=allow"));
        File output = Files.createTempFile(folder, "jcstress", ".txt").toFile();
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(Redirect.to(output))
                .start();
        if (!process.waitFor(LIMIT_MIN, TimeUnit.MINUTES)) {
            process.destroyForcibly();
        }
        return read(process.waitFor() == 0, Files.readAllLines(output.toPath()));
    }

    /** Reads the last part of the report, which counts each test in all its ways together. */
    private static StressRun read(boolean endedWell, List<String> lines) {
        List<String> results = lines.subList(Math.max(0, lines.indexOf("RUN RESULTS:")), lines.size());
        Map<String, Map<String, Long>> samples = new LinkedHashMap<>();
        Map<String, Long> current = new LinkedHashMap<>();
        for (String line : results) {
            Matcher test = TEST.matcher(line);
            Matcher outcome = OUTCOME.matcher(line);
            if (test.matches()) {
                current = samples.computeIfAbsent(test.group(1), _ -> new LinkedHashMap<>());
            } else if (outcome.matches()) {
                current.merge(outcome.group(1), Long.parseLong(outcome.group(2).replace(",", "")), Long::sum);
            }
        }
        boolean allPassed =
                results.stream().filter(line -> line.contains("No matches.")).count() == 3;
        return new StressRun(endedWell && allPassed && !samples.isEmpty(), String.join("\n", results), samples);
    }

    /** Whether every test ran and nothing forbidden came. */
    boolean passed() {
        return passed;
    }

    /** How often a test had an outcome. */
    long samples(String test, String outcome) {
        return samples.getOrDefault(test, Map.of()).getOrDefault(outcome, 0L);
    }

    @Override
    public String toString() {
        return report;
    }
}
