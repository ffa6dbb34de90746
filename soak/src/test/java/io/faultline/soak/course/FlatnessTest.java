// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.course;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlatnessTest {
    private static final double RUN_S = 3_600;
    private static final int SAMPLES = 120;
    private static final double MIB = 1 << 20;

    @Test
    void aLeakAboveTheToleranceGrows() {
        Flatness.Verdict verdict = judged(s -> (100 + 30 * s / RUN_S) * MIB);

        assertThat(verdict.kind()).isEqualTo(Flatness.Kind.GROWS);
        assertThat(verdict.growth() / MIB).isCloseTo(20, within(0.5));
        assertThat(verdict.median() / MIB).isCloseTo(120, within(0.5));
        assertThat(verdict.allowed() / MIB).isCloseTo(16, within(0.01));
    }

    @Test
    void aLeakBelowTheToleranceIsFlat() {
        assertThat(judged(s -> (100 + 20 * s / RUN_S) * MIB).kind()).isEqualTo(Flatness.Kind.FLAT);
    }

    @Test
    void theToleranceOfALargeMedianIsAShareOfIt() {
        assertThat(judged(s -> (1_000 + 130 * s / RUN_S) * MIB).kind()).isEqualTo(Flatness.Kind.FLAT);
        assertThat(judged(s -> (1_000 + 170 * s / RUN_S) * MIB).kind()).isEqualTo(Flatness.Kind.GROWS);
    }

    @Test
    void whatGrowsInTheFirstThirdOnlyIsFlat() {
        assertThat(judged(s -> 400 * MIB * Math.min(1, s / (RUN_S / 3))).kind()).isEqualTo(Flatness.Kind.FLAT);
    }

    @Test
    void whatFallsIsFlat() {
        Flatness.Verdict verdict = judged(s -> (400 - 100 * s / RUN_S) * MIB);

        assertThat(verdict.kind()).isEqualTo(Flatness.Kind.FLAT);
        assertThat(verdict.growth()).isNegative();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void aQuarterOfWildSamplesNeitherHidesALeakNorMakesOne(long seed) {
        Random random = new Random(seed);
        DoubleUnaryOperator wild = _ -> random.nextInt(4) == 0 ? random.nextDouble() * 200 * MIB : 0;

        assertThat(judged(s -> 100 * MIB + wild.applyAsDouble(s)).kind()).isEqualTo(Flatness.Kind.FLAT);
        assertThat(judged(s -> (100 + 60 * s / RUN_S) * MIB + wild.applyAsDouble(s))
                        .kind())
                .isEqualTo(Flatness.Kind.GROWS);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void noiseThatIsLargerThanTheToleranceIsFlat(long seed) {
        Random random = new Random(seed);

        assertThat(judged(_ -> random.nextDouble() * 500 * MIB).kind()).isEqualTo(Flatness.Kind.FLAT);
    }

    @Test
    void tooFewSamplesAreNotJudged() {
        Series few = new Series("vcpu-service", Measure.HEAP);
        few.add(1, 0);
        for (int i = 1; i < Flatness.SAMPLES_MIN; i++) {
            few.add(RUN_S / 2 + i, i * 100 * MIB);
        }

        assertThat(Flatness.of(few, RUN_S))
                .isEqualTo(new Flatness.Verdict(Flatness.Kind.NOT_JUDGED, Flatness.SAMPLES_MIN - 1, 0, 0, 0, 0));
    }

    private static Flatness.Verdict judged(DoubleUnaryOperator value) {
        Series series = new Series("vcpu-service", Measure.HEAP);
        for (int i = 1; i <= SAMPLES; i++) {
            double s = RUN_S * i / SAMPLES;
            series.add(s, value.applyAsDouble(s));
        }
        return Flatness.of(series, RUN_S);
    }
}
