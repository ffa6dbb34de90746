// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.telemetry.BuildInfo;
import io.faultline.telemetry.Probes;
import io.micrometer.core.instrument.Counter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ManagementPortIT {
    private static final int TIMEOUT_MS = 20_000;

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Switches probes = new Switches();
    private final BuildInfo build = new BuildInfo("some-service", "1.2.3");
    private final ManagementLifecycle port = lifecycle(0);
    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeEach
    void open() {
        port.start();
    }

    @AfterEach
    void close() {
        client.close();
        port.stop();
    }

    @Test
    void metersAreReadAsText() throws Exception {
        Counter.builder("some.events")
                .description("what happened")
                .register(registry)
                .increment(3);

        HttpResponse<String> answer = get("/actuator/prometheus", "*/*");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain"));
        assertThat(answer.body()).contains("# HELP some_events_total what happened", "some_events_total 3.0");
    }

    @Test
    void metersAreReadAsOpenMetricsByWhoAsksForIt() throws Exception {
        HttpResponse<String> answer =
                get("/actuator/prometheus", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5");

        assertThat(answer.headers().firstValue("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/openmetrics-text"));
        assertThat(answer.body()).endsWith("# EOF\n");
    }

    @Test
    void probesSayWhatTheServiceSays() throws Exception {
        assertThat(get("/actuator/health/readiness").statusCode()).isEqualTo(200);
        assertThat(get("/actuator/health/liveness").body()).isEqualTo("{\"status\":\"UP\"}");

        probes.ready = false;

        assertThat(get("/actuator/health/readiness").statusCode()).isEqualTo(503);
        assertThat(get("/actuator/health/readiness").body()).isEqualTo("{\"status\":\"DOWN\"}");
        assertThat(get("/actuator/health").statusCode()).isEqualTo(503);
        assertThat(get("/actuator/health/liveness").statusCode()).isEqualTo(200);

        probes.live = false;

        assertThat(get("/actuator/health/liveness").statusCode()).isEqualTo(503);
    }

    @Test
    void theBuildIsNamed() throws Exception {
        assertThat(get("/actuator/info").body())
                .contains("\"name\":\"some-service\"")
                .contains("\"version\":\"1.2.3\"");
    }

    @Test
    void whatIsNotThereIsSaid() throws Exception {
        HttpResponse<String> answer = get("/actuator/loggers");

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).contains("/actuator/loggers: not found");
        assertThat(get("/actuator").body()).contains("/actuator/prometheus", "/actuator/health/liveness");
    }

    @Test
    void nothingCanBeWritten() throws Exception {
        HttpRequest post = request("/actuator/info", "*/*")
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build();

        HttpResponse<String> answer = client.send(post, HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("allow")).hasValue("GET, HEAD");
    }

    @Test
    void aConnectionBeyondTheBoundIsClosed() throws Exception {
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < ManagementServer.CONNECTIONS_MAX; i++) {
                sockets.add(connect());
            }
            try (Socket oneMore = connect()) {
                assertThat(oneMore.getInputStream().read()).isEqualTo(-1);
            }
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void aPortThatIsTakenIsSaidInASentence() {
        ManagementLifecycle second = lifecycle(port.port());

        assertThatThrownBy(second::start)
                .satisfies(error -> assertThat(new ManagementPortAnalyzer().analyze(error))
                        .satisfies(analysis -> assertThat(analysis.getDescription())
                                .startsWith("The management server cannot listen: management port 127.0.0.1:"
                                        + port.port())));
    }

    @Test
    void aPortOfMinusOneIsNone() {
        ManagementLifecycle none = lifecycle(-1);

        none.start();

        assertThat(none.isRunning()).isFalse();
        assertThat(none.port()).isEqualTo(-1);
    }

    private ManagementLifecycle lifecycle(int portNumber) {
        return new ManagementLifecycle(
                "some-service",
                new ManagementProperties("127.0.0.1", portNumber),
                new ManagementPages(registry, probes, build));
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port.port());
        socket.setSoTimeout(TIMEOUT_MS);
        return socket;
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return get(path, "*/*");
    }

    private HttpResponse<String> get(String path, String accept) throws IOException, InterruptedException {
        return client.send(request(path, accept).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path, String accept) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port.port() + path))
                .timeout(Duration.ofMillis(TIMEOUT_MS))
                .header("Accept", accept);
    }

    /** Probes that a test sets. */
    private static final class Switches implements Probes {
        private volatile boolean live = true;
        private volatile boolean ready = true;

        @Override
        public boolean isLive() {
            return live;
        }

        @Override
        public boolean isReady() {
            return ready;
        }
    }
}
