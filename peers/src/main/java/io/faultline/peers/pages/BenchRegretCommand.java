// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.pages;

import io.faultline.peers.BenchOptions;
import io.faultline.peers.Comparison;
import io.faultline.peers.ComparisonReport;
import io.faultline.peers.ComparisonReport.Ratio;
import io.faultline.peers.CpuMeter;
import io.faultline.peers.Peer;
import io.faultline.peers.Rounds;
import io.faultline.peers.Workplace;
import io.faultline.processes.ServiceProcesses;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Measures what live regret costs a pager-service's fetches. One use. */
/*
 * The three services are in one process, so that one compiled code serves all: two processes of the same service differ by
 * more than what is looked for here. Only one of them works at a time.
 */
@Command(
        name = "regret",
        description = {
            "Fetches 4 KiB pages from the DRAM tier of pager-services that differ only in live regret, in turns.",
            "regret: with the default PAGER_SHADOW_PAGES. no_regret: with 0. regret_again: as regret, so its ratio to"
                    + " regret is what chance does."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:measured", "2:a setting cannot be used, or a peer failed"})
public final class BenchRegretCommand implements Callable<Integer> {
    private static final int MEASURED = 0;
    private static final int PAGES = 1 << 15;
    private static final int PAGES_SHORT = 1 << 10;
    /** One page in so many is sampled: 2,048 of 40,960 that the tier has room for. */
    private static final int SAMPLED = 20;

    private static final int SAMPLED_SHORT = 16;
    private static final String PROCESS = "pagers";
    private static final String REGRET = "regret";
    private static final String NO_REGRET = "no_regret";
    private static final String REGRET_AGAIN = "regret_again";
    /** As much as a client may have under way, so that nothing but the pager is waited for. */
    private static final PageShape SHAPE = new PageShape(64, 4);

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private CommandSpec spec;

    @Mixin
    private final BenchOptions options = new BenchOptions();

    @Override
    public Integer call() throws Exception {
        options.requirePeers(List.of(REGRET, NO_REGRET, REGRET_AGAIN));
        Rounds.Settings settings = options.rounds();
        PageSet set = new PageSet(options.isShort() ? PAGES_SHORT : PAGES);
        PrintWriter err = spec.commandLine().getErr();
        try (Workplace place = Workplace.open(options, err)) {
            List<Peer<PageShape>> peers = start(place, set);
            Comparison<PageShape> comparison = new Rounds<>(settings, List.of(SHAPE), peers, place::say).run();
            publish(comparison, set);
            place.measured();
        }
        return MEASURED;
    }

    private List<Peer<PageShape>> start(Workplace place, PageSet set) throws Exception {
        place.say("starting and storing " + set.pages() + " pages in each");
        Map<String, Integer> ports = new LinkedHashMap<>();
        for (String peer : List.of(REGRET, NO_REGRET, REGRET_AGAIN)) {
            ports.put(peer, ServiceProcesses.freePort());
        }
        List<String> arguments = new ArrayList<>(List.of(Integer.toString(set.pages())));
        ports.forEach((peer, port) -> arguments.add(port + (peer.equals(NO_REGRET) ? "=0" : "")));
        Process process = place.processes().main(PROCESS, PagersInOneProcess.class, arguments.toArray(String[]::new));
        List<Peer<PageShape>> peers = new ArrayList<>();
        for (Map.Entry<String, Integer> peer : ports.entrySet()) {
            place.processes().awaitServing(PROCESS, process, peer.getValue());
            CodecPages client =
                    place.add(new CodecPages(peer.getKey(), "127.0.0.1:" + peer.getValue(), set, process.toHandle()));
            client.populate();
            if (options.wants(peer.getKey())) {
                peers.add(client);
            }
        }
        return peers;
    }

    private void publish(Comparison<PageShape> comparison, PageSet set) throws Exception {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put(
                "pages",
                set.pages() + " of 4 KiB, asked for at random, all in DRAM; each arrival is checked; one in "
                        + (options.isShort() ? SAMPLED_SHORT : SAMPLED) + " is in the sample");
        PrintWriter out = spec.commandLine().getOut();
        options.publish(
                new ComparisonReport<>(
                        options.heading(
                                spec,
                                facts,
                                new BenchOptions.Units("pages a request x in flight", "pages", "a request")),
                        comparison,
                        List.of(new Ratio(REGRET, NO_REGRET), new Ratio(REGRET, REGRET_AGAIN)),
                        PageShape::key),
                out);
        out.println();
        tell(out, "rate with regret, of that without", comparison.ratios(SHAPE, REGRET, NO_REGRET));
        tell(out, "the same twice, so what chance does", comparison.ratios(SHAPE, REGRET, REGRET_AGAIN));
        out.printf(
                "CPU of both ends a page, mean: %.3f us with regret, %.3f without, %.3f with it again%n",
                cpuUs(comparison, REGRET), cpuUs(comparison, NO_REGRET), cpuUs(comparison, REGRET_AGAIN));
        out.flush();
    }

    /* A mean, since the system counts a process's time in steps of some ms. */
    private static double cpuUs(Comparison<PageShape> comparison, String peer) {
        return comparison.samples(SHAPE, peer).stream()
                .mapToDouble(sample -> sample.more().entrySet().stream()
                        .filter(figure -> figure.getKey().endsWith(CpuMeter.usedFor("page")))
                        .mapToDouble(Map.Entry::getValue)
                        .sum())
                .average()
                .orElse(Double.NaN);
    }

    private static void tell(PrintWriter out, String what, double[] sorted) {
        if (sorted.length > 0) {
            int last = sorted.length - 1;
            out.printf(
                    "%s: median %.2f %%, quartiles %.2f %% and %.2f %% (%d rounds)%n",
                    what,
                    100 * (sorted[last / 2] + sorted[sorted.length / 2]) / 2,
                    100 * sorted[last / 4],
                    100 * sorted[last - last / 4],
                    sorted.length);
        }
    }
}
