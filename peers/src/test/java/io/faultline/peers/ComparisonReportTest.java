// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.faultline.peers.ComparisonReport.Heading;
import io.faultline.peers.ComparisonReport.Ratio;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComparisonReportTest {
    private final Comparison<Integer> comparison = new Comparison<>(List.of(4), List.of("ours", "theirs"));

    @Test
    void aRatioIsTheMedianOfTheRoundsOwnRatios() {
        // By rounds 2, 0.5 and 3, though the medians' ratio is 1.
        round(200, 100);
        round(100, 200);
        round(30, 10);

        assertThat(comparison.ratios(4, "ours", "theirs")).containsExactly(0.5, 2, 3);
        assertThat(json().getAsJsonObject("ratios")
                        .getAsJsonObject("n4")
                        .get("ours_over_theirs")
                        .getAsDouble())
                .isEqualTo(2);
    }

    @Test
    void anEvenNumberOfRoundsHasItsMedianBetweenTheTwoInTheMiddle() {
        round(1, 1);
        round(4, 1);

        assertThat(comparison.median(4, "ours", Sample::perSecond)).isCloseTo(2.5, within(1e-9));
    }

    @Test
    void theTablesAreMarkdownWithTheRatiosFirst() {
        round(2_000, 1_000);

        assertThat(report().tables()).isEqualTo("""
                        bench things

                        - machine: a small one

                        Ratios of rates: median of the rounds (least to most)

                        | depth |       ours / theirs |
                        |-------|---------------------|
                        | 4     | 2.00 (2.00 to 2.00) |

                        things a second, median of the rounds

                        | depth |  ours | theirs |
                        |-------|-------|--------|
                        | 4     | 2,000 |  1,000 |

                        p50 / p99 of a thing, µs

                        | depth |    ours |  theirs |
                        |-------|---------|---------|
                        | 4     | 10 / 99 | 10 / 99 |

                        cpu us a thing

                        | depth | ours | theirs |
                        |-------|------|--------|
                        | 4     | 1.50 |      - |
                        """);
    }

    @Test
    void theJsonHasEachRoundAndAFigureThatNobodyTookIsNotANumber() {
        round(2_000, 1_000);

        JsonObject peers = json().getAsJsonObject("shapes").getAsJsonObject("n4");

        assertThat(peers.getAsJsonObject("ours").getAsJsonArray("rounds_per_s")).hasSize(1);
        assertThat(peers.getAsJsonObject("ours").get("cpu_us_a_thing").getAsDouble())
                .isEqualTo(1.5);
        assertThat(peers.getAsJsonObject("theirs").get("cpu_us_a_thing").isJsonNull())
                .isTrue();
    }

    private void round(double ours, double theirs) {
        comparison.add(4, "ours", new Sample(ours, 10, 99, Map.of("cpu_us_a_thing", 1.5)));
        comparison.add(4, "theirs", new Sample(theirs, 10, 99, Map.of()));
    }

    private JsonObject json() {
        return JsonParser.parseString(report().json()).getAsJsonObject();
    }

    private ComparisonReport<Integer> report() {
        return new ComparisonReport<>(
                new Heading("things", Map.of("machine", "a small one"), "depth", "things", "a thing"),
                comparison,
                List.of(new Ratio("ours", "theirs")),
                shape -> "n" + shape);
    }
}
