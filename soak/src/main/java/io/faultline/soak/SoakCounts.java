// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak;

import io.faultline.loadtest.replay.ReplayResult;
import io.faultline.model.PageSource;
import java.util.List;
import java.util.Objects;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * What all guests together did and what was compared.
 *
 * @param vms guests that lived, one after another
 * @param faults faults raised, each with one end
 * @param tokens faults that went asynchronous
 * @param faultsRetried faults that were raised again, by tasks that a wake-all had woken
 * @param loadsChecked loads that were compared with what was last stored
 * @param loadsWrong of these, loads that brought something else
 * @param pagesWrittenOut dirty pages that went to the pagers
 * @param pagesFromStore pages that came back from the swap store for a fault
 * @param readBack every page of every guest, after its last fault
 * @param slowestFaultS the longest that a fault took, in seconds
 */
public record SoakCounts(
        int vms,
        long faults,
        long tokens,
        long faultsRetried,
        long loadsChecked,
        long loadsWrong,
        long pagesWrittenOut,
        long pagesFromStore,
        ReplayResult.ReadBack readBack,
        double slowestFaultS) {
    private static final double US_PER_S = 1e6;

    static SoakCounts of(List<VmLife> lives) {
        List<ReplayResult> results = lives.stream()
                .map(VmLife::result)
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .toList();
        List<ReplayResult.ReadBack> readBacks = results.stream()
                .map(ReplayResult::readBack)
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .toList();
        return new SoakCounts(
                lives.size(),
                sum(results, ReplayResult::faults),
                sum(results, ReplayResult::tokensIssued),
                sum(results, ReplayResult::faultsRetried),
                sum(results, result -> result.integrity().checks()),
                sum(results, result -> result.integrity().mismatches()),
                sum(results, ReplayResult::pagesWrittenOut),
                sum(results, result -> result.sources().getOrDefault(PageSource.SWAP_STORE, 0L)),
                new ReplayResult.ReadBack(
                        sum(readBacks, ReplayResult.ReadBack::pages),
                        sum(readBacks, ReplayResult.ReadBack::wrong),
                        sum(readBacks, ReplayResult.ReadBack::lost),
                        sum(readBacks, ReplayResult.ReadBack::retries)),
                results.stream()
                                .flatMap(result -> Stream.of(result.syncLatency(), result.asyncLatency()))
                                .mapToDouble(latency -> latency.max())
                                .max()
                                .orElse(0)
                        / US_PER_S);
    }

    private static <T> long sum(List<T> of, ToLongFunction<T> what) {
        return of.stream().mapToLong(what).sum();
    }
}
