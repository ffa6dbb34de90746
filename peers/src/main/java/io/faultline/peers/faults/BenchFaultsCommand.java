// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.faults;

import io.faultline.broker.BrokerMain;
import io.faultline.peers.BenchOptions;
import io.faultline.peers.Comparison;
import io.faultline.peers.ComparisonReport;
import io.faultline.peers.ComparisonReport.Ratio;
import io.faultline.peers.Peer;
import io.faultline.peers.Rounds;
import io.faultline.peers.Workplace;
import io.faultline.processes.ServiceProcesses;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures asynchronous faults end to end, with the audit and without, beside bare streams of the same messages. One use. */
@Command(
        name = "faults",
        description = {
            "Raises asynchronous faults end to end over three processes: the guest is told, clears, resumes, takes page-ready and"
                    + " acknowledges; each fault moves a 4 KiB page from the pager's DRAM into a frame.",
            "audit: every step goes to a real broker, on the same cores. no_audit: steps are counted only."
                    + " grpc: the same messages between three processes that decide nothing and keep nothing."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:measured", "2:a setting cannot be used, or a peer failed"})
public final class BenchFaultsCommand implements Callable<Integer> {
    private static final int MEASURED = 0;
    private static final int VCPUS_MAX = 4_096;
    private static final int PAGES = 1 << 16;
    private static final int PAGES_SHORT = 1 << 11;

    private static final String AUDIT = "audit";
    private static final String NO_AUDIT = "no_audit";
    private static final String BARE = "grpc";
    private static final String BASELINE = "baseline";

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private CommandSpec spec;

    @Mixin
    private final BenchOptions options = new BenchOptions();

    @Option(
            names = "--in-flight",
            paramLabel = "N",
            split = ",",
            description = "Faults under way at once, each of a vCPU of its own, 1 to 4096 (default: ${DEFAULT-VALUE})")
    private List<Integer> inFlight = List.of(1, 64, 1_024);

    @Override
    public Integer call() throws Exception {
        Rounds.Settings settings = options.rounds();
        options.requirePeers(List.of(AUDIT, NO_AUDIT, BARE, BASELINE));
        List<VcpusShape> shapes = new ArrayList<>();
        for (int depth : inFlight) {
            BenchOptions.require("--in-flight", depth, 1, VCPUS_MAX);
            shapes.add(new VcpusShape(options.isShort() ? Math.min(depth, PAGES_SHORT / 16) : depth));
        }
        shapes = shapes.stream().distinct().toList();
        int vcpus = shapes.stream().mapToInt(VcpusShape::inFlight).max().orElse(1);
        try (Workplace place = Workplace.open(options, spec.commandLine().getErr())) {
            FaultPlaces places = new FaultPlaces(place, vcpus, options.isShort() ? PAGES_SHORT : PAGES);
            List<Peer<VcpusShape>> peers = start(place, places);
            Comparison<VcpusShape> comparison = new Rounds<>(settings, shapes, peers, place::say).run();
            publish(comparison, places);
            place.measured();
        }
        return MEASURED;
    }

    private List<Peer<VcpusShape>> start(Workplace place, FaultPlaces places) throws Exception {
        List<Peer<VcpusShape>> peers = new ArrayList<>();
        place.say("starting services for each peer and writing their guests' memory");
        if (options.wants(AUDIT)) {
            peers.add(places.services(AUDIT, place.processes(), broker(place)));
        }
        if (options.wants(NO_AUDIT)) {
            peers.add(places.services(NO_AUDIT, place.processes(), 0));
        }
        if (options.baseline().isPresent()) {
            peers.add(places.services(
                    BASELINE, place.processesOf(options.baseline().get()), 0));
        }
        if (options.wants(BARE)) {
            peers.add(places.bare(BARE));
        }
        return peers;
    }

    private static int broker(Workplace place) {
        int port = ServiceProcesses.freePort();
        place.processes()
                .main(
                        "broker",
                        BrokerMain.class,
                        BrokerMain.arguments(port, place.directory().resolve("kafka")));
        return port;
    }

    private List<Ratio> ratios() {
        List<Ratio> ratios =
                new ArrayList<>(List.of(new Ratio(NO_AUDIT, BARE), new Ratio(AUDIT, NO_AUDIT), new Ratio(AUDIT, BARE)));
        if (options.baseline().isPresent()) {
            ratios.addFirst(new Ratio(NO_AUDIT, BASELINE));
        }
        return ratios;
    }

    private void publish(Comparison<VcpusShape> comparison, FaultPlaces places) throws Exception {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put(
                "memory",
                places.pages()
                        + " pages of 4 KiB, a quarter of them resident, every touch finds its page in the pager's DRAM");
        facts.put("audit steps", places.auditSteps());
        options.publish(
                new ComparisonReport<>(
                        options.heading(
                                spec,
                                facts,
                                new BenchOptions.Units(
                                        "in flight", "asynchronous faults", "a fault and its acknowledgement")),
                        comparison,
                        ratios(),
                        VcpusShape::key),
                spec.commandLine().getOut());
    }
}
