// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.fuzz;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code faultline fuzz}. */
@Command(
        name = "fuzz",
        mixinStandardHelpOptions = true,
        description = {
            "Feeds bytes to everything that reads them from outside, guided by what they reach (Jazzer, libFuzzer): each target in a"
                    + " process of its own, for its share of the time.",
            "An input that is a finding is kept in target/fuzz/TARGET; inputs that reached something new are where the next run"
                    + " begins.",
            "Exits with 0 if nothing was found, with 1 otherwise."
        })
public final class FuzzMain implements Callable<Integer> {
    private static final Pattern EXECUTED = Pattern.compile("stat::number_of_executed_units:\\s+(\\d+)");
    private static final Pattern COVERED = Pattern.compile("cov: (\\d+)");
    private static final double SECONDS_A_MINUTE = 60;

    @Option(
            names = "--minutes",
            defaultValue = "10",
            paramLabel = "N",
            description =
                    "How long in all, shared by the targets; the start of a process is not counted (default: 10).")
    private double minutes;

    @Option(
            names = "--target",
            paramLabel = "NAME",
            description = "Only this one; without it, each: ${COMPLETION-CANDIDATES}.",
            completionCandidates = Names.class)
    private List<String> names = new ArrayList<>();

    @CommandLine.Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private CommandLine.Model.CommandSpec spec;

    /** Runs the command. */
    public static void main(String[] arguments) {
        System.exit(
                new CommandLine(new FuzzMain()).setCommandName("faultline fuzz").execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<String> chosen = names.isEmpty() ? List.copyOf(FuzzTargets.names()) : names;
        for (String name : chosen) {
            if (!FuzzTargets.names().contains(name)) {
                throw new ParameterException(
                        spec.commandLine(), "--target " + name + " (expected: one of " + FuzzTargets.names() + ")");
            }
        }
        long secondsEach = Math.round(minutes * SECONDS_A_MINUTE / chosen.size());
        if (secondsEach < 1 || minutes > 24 * 60) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--minutes " + minutes + " (expected: a second for each target, at most a day)");
        }
        long inputs = 0;
        int findings = 0;
        for (String name : chosen) {
            Result result = fuzz(name, secondsEach);
            inputs += result.inputs;
            findings += result.hasFound ? 1 : 0;
        }
        System.out.printf(Locale.ROOT, "%,d inputs, %d targets with findings%n", inputs, findings);
        return findings == 0 ? 0 : 1;
    }

    private static Result fuzz(String name, long seconds) throws IOException, InterruptedException {
        Path home = Path.of(System.getProperty("faultline.home", "."));
        Path directory = home.resolve("target").resolve("fuzz").resolve(name);
        Path corpus = Files.createDirectories(directory.resolve("corpus"));
        Path seeds = Files.createDirectories(directory.resolve("seeds"));
        List<byte[]> first = FuzzTargets.make(name).seeds();
        for (int i = 0; i < first.size(); i++) {
            Files.write(seeds.resolve("seed-" + i), first.get(i));
        }
        Path log = directory.resolve("log");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx1g",
                "-XX:+EnableDynamicAgentLoading",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dfaultline.fuzz.target=" + name,
                "-Dlogback.configurationFile=io/faultline/fuzz/logback.xml",
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + FuzzEntry.class.getName(),
                "--instrumentation_includes=io.faultline.**",
                // It fails in Netty's queues on JDK 25, and nothing of ours touches Unsafe.
                "--disabled_hooks=com.code_intelligence.jazzer.sanitizers.UnsafeSanitizer",
                "--reproducer_path=" + directory,
                "-artifact_prefix=" + directory + "/",
                "-max_total_time=" + seconds,
                "-print_final_stats=1",
                "-rss_limit_mb=0",
                "-timeout=30",
                corpus.toString(),
                seeds.toString()));
        Path kept = home.resolve("fuzz/src/test/resources/regressions").resolve(name);
        if (Files.isDirectory(kept)) {
            command.add(kept.toString());
        }
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        int exit = process.waitFor();
        Result result = Result.read(log, exit != 0);
        System.out.printf(
                Locale.ROOT,
                "%-16s %,12d inputs %,8d edges  %s%n",
                name,
                result.inputs,
                result.edges,
                result.hasFound ? "FOUND, see " + log : "nothing found");
        return result;
    }

    /** The targets' names, for the help. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return FuzzTargets.names().iterator();
        }
    }

    private record Result(long inputs, long edges, boolean hasFound) {
        static Result read(Path log, boolean hasFound) throws IOException {
            long inputs = 0;
            long edges = 0;
            try (BufferedReader reader = Files.newBufferedReader(log, StandardCharsets.ISO_8859_1);
                    Stream<String> lines = reader.lines()) {
                for (String line : (Iterable<String>) lines::iterator) {
                    inputs = number(EXECUTED, line, inputs);
                    edges = number(COVERED, line, edges);
                }
            }
            return new Result(inputs, edges, hasFound);
        }

        private static long number(Pattern pattern, String line, long otherwise) {
            Matcher matcher = pattern.matcher(line);
            return matcher.find() ? Long.parseLong(matcher.group(1)) : otherwise;
        }
    }
}
