// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.course;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A process that waits, and metrics that this test shows for it. */
@Timeout(60)
class SamplerTest {
    private static final int LOOKS = 3;

    private final CountDownLatch looks = new CountDownLatch(LOOKS);
    private final AtomicInteger faults = new AtomicInteger();
    private HttpServer metrics;
    private Process process;

    @BeforeEach
    void start() throws IOException {
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx32m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Waits.class.getName())
                .start();
        metrics = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        metrics.createContext("/actuator/prometheus", exchange -> {
            byte[] body = """
                    jvm_memory_used_bytes{area="heap",id="Tenured Gen"} 5.0
                    jvm_buffer_memory_used_bytes{id="direct"} 7.0
                    faultline_vcpu_fault_seconds_bucket{le="0.001"} %d
                    faultline_vcpu_fault_seconds_bucket{le="+Inf"} %1$d
                    """.formatted(faults.addAndGet(10)).getBytes(UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        metrics.start();
    }

    @AfterEach
    void end() {
        metrics.stop(0);
        process.destroyForcibly();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void everyMeasureIsTaken() throws Exception {
        Course course;
        try (Sampler sampler = Sampler.start(List.of(watched().withFaults()), Duration.ofSeconds(1))) {
            assertThat(looks.await(30, TimeUnit.SECONDS)).isTrue();
            course = sampler.end();
        }

        assertThat(course.series()).extracting(Series::measure).containsExactlyInAnyOrder(Measure.values());
        assertThat(course.series())
                .allSatisfy(each ->
                        assertThat(each.size()).as(each.measure().words()).isPositive());
        assertThat(value(course, Measure.HEAP)).isEqualTo(5);
        assertThat(value(course, Measure.DIRECT)).isEqualTo(7);
        assertThat(value(course, Measure.RESIDENT)).isBetween(4e6, 1e9);
        assertThat(value(course, Measure.THREADS)).isBetween(5.0, 500.0);
        assertThat(value(course, Measure.FILES)).isBetween(3.0, 1_000.0);
        assertThat(value(course, Measure.FAULT_P50)).isEqualTo(0.0005);
    }

    @Test
    void aProcessThatIsGoneHasNoSamples() throws Exception {
        process.destroyForcibly().waitFor();
        metrics.stop(0);

        Course course;
        try (Sampler sampler = Sampler.start(List.of(watched()), Duration.ofSeconds(1))) {
            assertThat(looks.await(30, TimeUnit.SECONDS)).isTrue();
            course = sampler.end();
        }

        assertThat(course.series())
                .isNotEmpty()
                .allSatisfy(each -> assertThat(each.size()).isZero());
    }

    private Watched watched() {
        return Watched.service(
                "vcpu-service",
                () -> {
                    looks.countDown();
                    return process;
                },
                metrics.getAddress().getPort());
    }

    private static double value(Course course, Measure measure) {
        Series of = course.series().stream()
                .filter(each -> each.measure() == measure)
                .findFirst()
                .orElseThrow();
        return of.value(of.size() - 1);
    }

    /** A JVM that is looked at. */
    static final class Waits {
        private Waits() {}

        public static void main(String... arguments) throws InterruptedException {
            Thread.sleep(Duration.ofMinutes(1));
        }
    }
}
