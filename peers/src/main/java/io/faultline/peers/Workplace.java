// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers;

import io.faultline.peers.bare.BareServer;
import io.faultline.processes.ServiceProcesses;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a benchmark starts and uses up: processes, clients, a temporary directory. All of it is gone afterwards, the latest
 * first; but the directory stays if nothing was {@linkplain #measured measured}, for it has the processes' logs. For one thread.
 */
public final class Workplace implements AutoCloseable {
    private final Path directory;
    private final ServiceProcesses processes;
    private final BenchOptions options;
    private final PrintWriter err;
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private boolean measured;

    private Workplace(Path directory, Path home, BenchOptions options, PrintWriter err) {
        this.directory = directory;
        this.options = options;
        this.err = err;
        processes = new ServiceProcesses(home, directory, options.jvmOptions());
    }

    /** Opens an empty one; {@code err} is told what is being done. */
    public static Workplace open(BenchOptions options, PrintWriter err) throws IOException {
        Path directory = Files.createTempDirectory("faultline-bench-");
        Path home = Path.of(System.getProperty("faultline.home", "."));
        return new Workplace(directory, home, options, err);
    }

    /** The processes of another checkout, likewise. */
    public ServiceProcesses processesOf(Path otherHome) {
        return add(new ServiceProcesses(otherHome, directory, options.jvmOptions()));
    }

    /** Where files may go. */
    public Path directory() {
        return directory;
    }

    /** The processes that run for this benchmark. */
    public ServiceProcesses processes() {
        return processes;
    }

    /** Starts a bare server and waits until it serves. */
    public ProcessHandle bare(String role, int port, String... more) {
        String[] arguments = Stream.concat(Stream.of(role, Integer.toString(port)), List.of(more).stream())
                .toArray(String[]::new);
        Process process = processes.main("bare-" + role, BareServer.class, arguments);
        processes.awaitServing("bare-" + role, process, port);
        return process.toHandle();
    }

    /** Keeps something that is to be closed at the end. */
    public <T extends AutoCloseable> T add(T part) {
        open.push(part);
        return part;
    }

    /** Tells the user what is being done. */
    public void say(String what) {
        err.println(what + " …");
        err.flush();
    }

    /** All went well: nobody needs the logs. */
    public void measured() {
        measured = true;
    }

    @Override
    public void close() throws IOException {
        // Clients go before the servers that they talk to.
        open.addLast(processes);
        Exception first = null;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                first = first == null ? e : first;
            }
        }
        if (measured) {
            delete(directory);
        } else {
            err.println("the logs of what was started are in " + directory);
            err.flush();
        }
        if (first != null) {
            throw new IllegalStateException("not all that was started could be ended", first);
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
