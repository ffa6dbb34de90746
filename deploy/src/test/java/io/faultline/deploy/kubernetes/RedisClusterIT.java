// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.deploy.OutsideTool;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scripts of the local overlay's Redis, run on six real servers, each with an address of its own. */
class RedisClusterIT {
    private static final Path SCRIPTS = Kustomize.ROOT.resolve("overlays/local/redis");
    private static final OutsideTool SERVER = new OutsideTool("redis-server", "redis-server");
    private static final OutsideTool CLIENT = new OutsideTool("redis-cli", "redis-tools");
    private static final int NODES = 6;
    private static final int BUS_OFFSET = 10_000;
    private static final Duration DEADLINE = Duration.ofSeconds(90);

    @TempDir
    private Path directory;

    private final List<Process> servers = new ArrayList<>();
    private int port;

    @BeforeEach
    void requireTools() throws IOException {
        SERVER.require();
        CLIENT.require();
        port = freePort();
    }

    @AfterEach
    void stop() throws InterruptedException {
        servers.forEach(Process::destroy);
        for (Process server : servers) {
            if (!server.waitFor(30, TimeUnit.SECONDS)) {
                server.destroyForcibly().waitFor();
            }
        }
        servers.clear();
    }

    @Test
    void sixNewNodesBecomeACluster() throws Exception {
        start("127.0.1.");
        assertThat(rejoin("127.0.1.")).isEmpty();

        assertThat(script("create-cluster.sh", "127.0.1.", "")).endsWith("create-cluster: the 6 nodes are a cluster\n");
        assertThat(redis("127.0.1.1", "cluster", "info"))
                .contains("cluster_slots_ok:16384")
                .contains("cluster_size:3");
        assertThat(script("create-cluster.sh", "127.0.1.", ""))
                .isEqualTo("create-cluster: the 6 nodes are a cluster\n");
    }

    @Test
    void aClusterOfWhichAllAddressesHaveChangedFindsItselfAgain() throws Exception {
        start("127.0.1.");
        script("create-cluster.sh", "127.0.1.", "");
        assertThat(redis("127.0.1.1", "set", "page", "bytes")).isEqualTo("OK\n");
        stop();
        start("127.0.2.");

        assertThat(rejoin("127.0.2.")).isEmpty();

        Instant end = Instant.now().plus(DEADLINE);
        String page = redis("127.0.2.1", "get", "page");
        while (!page.equals("bytes\n") && Instant.now().isBefore(end)) {
            page = redis("127.0.2.1", "get", "page");
        }
        assertThat(page).isEqualTo("bytes\n");
        assertThat(redis("127.0.2.1", "cluster", "nodes")).doesNotContain("127.0.1.");
    }

    @Test
    void aNodeThatIsNotThereIsNamed() throws Exception {
        assertThat(run(1, "sh", SCRIPTS.resolve("create-cluster.sh").toString(), "127.0.1.", "", "1"))
                .isEqualTo("create-cluster: 127.0.1.1:" + port + " does not answer\n");
    }

    private void start(String network) throws IOException, InterruptedException {
        for (int node = 1; node <= NODES; node++) {
            Path own = Files.createDirectories(directory.resolve("node-" + node));
            String address = network + node;
            Path config = Files.writeString(
                    own.resolve("redis.conf"),
                    Files.readString(SCRIPTS.resolve("redis.conf"))
                            .replace("/data", own.toString())
                            .replace("port 6379", "port " + port + "\nbind " + address));
            servers.add(
                    new ProcessBuilder(SERVER.require().toString(), config.toString(), "--cluster-announce-ip", address)
                            .redirectErrorStream(true)
                            .redirectOutput(own.resolve("log").toFile())
                            .start());
        }
    }

    private String rejoin(String network) throws IOException, InterruptedException {
        StringBuilder said = new StringBuilder();
        for (int node = 1; node <= NODES; node++) {
            said.append(script("rejoin.sh", network, network + node + ":" + port));
        }
        return said.toString();
    }

    private String script(String name, String network, String node) throws IOException, InterruptedException {
        return run(0, "sh", SCRIPTS.resolve(name).toString(), network, node, "90");
    }

    private String run(int code, String shell, String script, String network, String node, String waitS)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(shell, script).redirectErrorStream(true);
        StringBuilder nodes = new StringBuilder();
        for (int i = 1; i <= NODES; i++) {
            nodes.append(network).append(i).append(':').append(port).append(' ');
        }
        builder.environment().put("NODES", nodes.toString());
        builder.environment().put("NODE", node);
        builder.environment().put("WAIT_S", waitS);
        return output(builder.start(), code);
    }

    private String redis(String host, String... command) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("redis-cli", "-c", "-h", host, "-p", String.valueOf(port)));
        words.addAll(List.of(command));
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).replace("\r", "");
    }

    private static String output(Process process, int code) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isEqualTo(code);
        return output;
    }

    /* One that is free on every address, as is the cluster bus' above it. */
    private static int freePort() throws IOException {
        try (ServerSocket bus = new ServerSocket(0);
                ServerSocket clients = new ServerSocket(bus.getLocalPort() - BUS_OFFSET)) {
            return clients.getLocalPort();
        }
    }
}
