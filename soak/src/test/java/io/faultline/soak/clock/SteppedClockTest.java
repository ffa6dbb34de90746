// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.clock;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.Scanner;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SteppedClockTest {
    private static final int NS_PER_MS = 1_000_000;
    private static final long NEAR_MS = 20_000;

    @TempDir
    private Path directory;

    @Test
    void everyWallClockOfAProcessIsSteppedAndItsMonotonicOneIsNot() throws Exception {
        SteppedClock clock = SteppedClock.in(directory);
        Process process = start(clock);
        try (BufferedReader answers = process.inputReader(UTF_8);
                PrintStream questions = new PrintStream(process.getOutputStream(), true, UTF_8)) {
            assertAhead(ask(questions, answers), Duration.ZERO);
            clock.step(Duration.ofHours(1));
            assertAhead(ask(questions, answers), Duration.ofHours(1));
            clock.step(Duration.ofHours(-2));
            assertAhead(ask(questions, answers), Duration.ofHours(-2));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void aClockThatNoProcessHasCannotBeStepped() {
        SteppedClock clock = SteppedClock.in(directory);

        assertThatThrownBy(() -> clock.step(Duration.ofHours(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no process has it");
    }

    private static void assertAhead(long[] times, Duration ahead) {
        long wallMs = System.currentTimeMillis() + ahead.toMillis();
        for (int i = 0; i < times.length - 1; i++) {
            assertThat(times[i]).as("clock %d of the process", i).isCloseTo(wallMs, within(NEAR_MS));
        }
        long monotonicMs = System.nanoTime() / NS_PER_MS;
        assertThat(times[times.length - 1]).as("monotonic").isCloseTo(monotonicMs, within(NEAR_MS));
    }

    private static long[] ask(PrintStream questions, BufferedReader answers) throws IOException {
        questions.println();
        return Arrays.stream(answers.readLine().split(" "))
                .mapToLong(Long::parseLong)
                .toArray();
    }

    private static Process start(SteppedClock clock) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        clock.jvmOption(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Tells.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** Tells the time of each clock, a line for each line that it is told. */
    static final class Tells {
        private Tells() {}

        @SuppressWarnings("JavaUtilDate") // Libraries still ask it.
        public static void main(String... arguments) {
            LongSupplier handle = System::currentTimeMillis;
            Scanner questions = new Scanner(System.in, UTF_8);
            while (questions.hasNextLine()) {
                questions.nextLine();
                System.out.println(System.currentTimeMillis()
                        + " " + handle.getAsLong()
                        + " " + Instant.now().toEpochMilli()
                        + " " + Clock.systemUTC().millis()
                        + " " + Clock.systemUTC().instant().toEpochMilli()
                        + " " + new Date().getTime()
                        + " " + System.nanoTime() / NS_PER_MS);
            }
        }
    }
}
