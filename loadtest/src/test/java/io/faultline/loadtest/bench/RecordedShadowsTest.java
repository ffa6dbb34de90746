// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.loadtest.trace.Recording;
import io.faultline.model.PageSize;
import io.faultline.pager.domain.eviction.PolicyKind;
import io.faultline.pager.domain.shadow.MissCounts;
import io.faultline.pager.domain.shadow.PolicyChooser;
import io.faultline.pager.domain.shadow.Shadows;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a pager's shadows say of the two recorded streams, against all references and the whole capacity. */
class RecordedShadowsTest {
    private static final int SHADOW_PAGES = 2048;
    /** What a tier keeps free, about: shadows are as large as what is left. */
    private static final double USED_SHARE = 1 - 1.5 / 64;

    /** The samples: the same stream, of VMs with other ids. */
    private static final int SAMPLES = 4;

    private static final Offset<Double> RATIO = Offset.offset(0.035);
    private static final Offset<Double> DIFFERENCE = Offset.offset(0.02);

    @ParameterizedTest
    @CsvSource({"redis-swap, 4096", "redis-swap, 12288", "memcached-swap, 4096", "memcached-swap, 12288"})
    void shadowsMissAboutWhatTheWholePolicyMisses(String trace, int capacity) {
        References references = load(trace);
        Map<PolicyKind, Double> exact = new EnumMap<>(PolicyKind.class);
        for (PolicyKind kind : PolicyKind.values()) {
            exact.put(kind, (double) PolicyMisses.missesOf(kind, references, capacity) / references.count());
        }
        double exactLru = exact.getOrDefault(PolicyKind.LRU, 0.0);
        for (long vmId = 1; vmId <= SAMPLES; vmId++) {
            Map<PolicyKind, Double> sampled = sampled(references, capacity, vmId);
            double sampledLru = sampled.getOrDefault(PolicyKind.LRU, 0.0);
            for (PolicyKind kind : PolicyKind.values()) {
                double missRatio = sampled.getOrDefault(kind, 0.0);
                double exactRatio = exact.getOrDefault(kind, 0.0);
                assertThat(missRatio).as("%s, VM %d", kind, vmId).isCloseTo(exactRatio, RATIO);
                assertThat(missRatio - sampledLru)
                        .as("%s beside LRU, VM %d", kind, vmId)
                        .isCloseTo(exactRatio - exactLru, DIFFERENCE);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"redis-swap", "memcached-swap"})
    void theChooserLeavesLruAndStaysWithTheDefault(String trace) {
        References references = load(trace);

        assertThat(chosen(references, PolicyKind.LRU)).isIn(PolicyKind.LIRS, PolicyKind.W_TINYLFU);
        assertThat(chosen(references, PolicyKind.W_TINYLFU)).isEqualTo(PolicyKind.W_TINYLFU);
    }

    @Test
    void theStreamIsLongEnoughForTheChooserToDecide() {
        Shadows shadows = shadows(4096);

        // Four windows of two shadows each.
        assertThat(load("memcached-swap").count() * shadows.share()).isGreaterThan(3 * 4 * 2 * shadows.units());
    }

    private static Map<PolicyKind, Double> sampled(References references, int capacity, long vmId) {
        Shadows shadows = shadows(capacity);
        MissCounts counts = new MissCounts();
        for (int i = 0; i < references.count(); i++) {
            int page = references.page(i);
            if (shadows.samples(vmId, page)) {
                counts.count(false, shadows.fetched(vmId, page, 1, PageSize.SIZE_4K));
            }
        }
        Map<PolicyKind, Double> ratios = new EnumMap<>(PolicyKind.class);
        counts.shadowMisses().forEach((kind, misses) -> ratios.put(kind, (double) misses / counts.fetches()));
        return ratios;
    }

    /** The policy in force after the stream, where the chooser is obeyed. */
    private static PolicyKind chosen(References references, PolicyKind first) {
        Shadows shadows = shadows(4096);
        PolicyChooser chooser = new PolicyChooser(first, 2 * shadows.units());
        for (int i = 0; i < references.count(); i++) {
            if (shadows.samples(1, references.page(i))) {
                chooser.fetched(shadows.fetched(1, references.page(i), 1, PageSize.SIZE_4K));
            }
            if (chooser.wanted() != chooser.current()) {
                chooser.switched(chooser.wanted());
            }
        }
        return chooser.current();
    }

    private static Shadows shadows(int capacity) {
        return new Shadows((int) Math.round(capacity / USED_SHARE), SHADOW_PAGES);
    }

    private static References load(String trace) {
        return References.of(Recording.load(
                Path.of("traces", trace + ".trace.gz"),
                new Recording.Options(PageSize.SIZE_4K, 512, Recording.FAULTS_MAX, false)));
    }
}
