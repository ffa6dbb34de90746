// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.broker;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the broker as a process of its own, until it is told to end. */
@Command(
        name = "broker",
        mixinStandardHelpOptions = true,
        description = "Runs a single-node Kafka broker on 127.0.0.1 until it is interrupted.",
        footer = {"", "Example:", "  broker --port 9092 --directory ./broker-data"})
public final class BrokerMain implements Callable<Integer> {
    @Option(names = "--port", paramLabel = "PORT", defaultValue = "9092", description = "Port (default: 9092); 0: any.")
    private int port;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description = "Where the data is kept (default: a temporary directory, deleted in the end).")
    private @Nullable Path directory;

    /** The process's entry. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new BrokerMain()).execute(args));
    }

    /** What a process of it is started with, to keep its data in a directory. */
    public static String[] arguments(int port, Path directory) {
        return new String[] {"--port", Integer.toString(port), "--directory", directory.toString()};
    }

    @Override
    public Integer call() {
        try {
            EmbeddedBroker broker = EmbeddedBroker.start(directory, port);
            Runtime.getRuntime().addShutdownHook(new Thread(broker::close, "broker-close"));
            System.out.println("Kafka broker at " + broker.bootstrapServers());
            broker.awaitEnd();
            return CommandLine.ExitCode.OK;
        } catch (BrokerException | IllegalArgumentException e) {
            System.err.println(e.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        }
    }
}
