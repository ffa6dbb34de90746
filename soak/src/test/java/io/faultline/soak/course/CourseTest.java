// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.course;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.StringReader;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class CourseTest {
    private static final double MIB = 1 << 20;
    private static final double LONG_S = 600;

    @Test
    void whatGrowsIsNamedWithHowMuchWasAllowed() {
        Course course = new Course(
                List.of(
                        series("vcpu-service", Measure.HEAP, LONG_S, s -> (100 + 60 * s / LONG_S) * MIB),
                        series("vcpu-service", Measure.FILES, LONG_S, _ -> 40)),
                LONG_S);

        assertThat(course.complaints())
                .containsExactly(
                        "vcpu-service: heap after a collection grew by 40.0 MiB in 400 s, from a median of 140.0 MiB"
                                + " (expected: by 16.0 MiB at most)");
    }

    @Test
    void whatCouldNotBeLookedAtIsNoFlatLine() {
        Course course = new Course(List.of(new Series("pager-1", Measure.THREADS)), LONG_S);

        assertThat(course.complaints())
                .containsExactly("pager-1: threads has 0 samples after the first third (expected: 20 or more)");
    }

    @Test
    void aShortRunIsNotJudged() {
        Course course =
                new Course(List.of(series("vcpu-service", Measure.HEAP, 90, s -> (100 + 60 * s / 90) * MIB)), 90);

        assertThat(course.isJudged()).isFalse();
        assertThat(course.complaints()).isEmpty();
        assertThat(CourseTable.of(course))
                .containsExactly("What the services took is judged in runs of 5 minutes or more.");
    }

    @Test
    void theTableHasARowForEachProcess() {
        Course course = new Course(
                List.of(
                        series("vcpu-service", Measure.HEAP, LONG_S, _ -> 41.5 * MIB),
                        series("vcpu-service", Measure.FILES, LONG_S, _ -> 40),
                        series("vcpu-service", Measure.FAULT_P50, LONG_S, _ -> 0.0012),
                        new Series("pager-0", Measure.HEAP)),
                LONG_S);

        assertThat(CourseTable.of(course).stream().map(String::stripTrailing))
                .containsExactly(
                        "What the services took, median after the first third and by how much it grew since",
                        "                        heap, MiB    direct, MiB  resident, MiB          files        threads",
                        "  vcpu-service          41.5 +0.0                                    40.0 +0.0",
                        "  pager-0              not judged",
                        "                       median, ms       99 %, ms",
                        "  vcpu-service           1.2 +0.0");
    }

    @Test
    void theJsonHasEverySampleAndItsJudgement() {
        JsonObject json = CourseJson.of(
                new Course(List.of(series("vcpu-service", Measure.FAULT_P99, LONG_S, _ -> 0.0203)), LONG_S));

        JsonObject series = json.getAsJsonArray("series").get(0).getAsJsonObject();
        assertThat(json.get("judged").getAsBoolean()).isTrue();
        assertThat(series.get("measure").getAsString()).isEqualTo("fault_p99_s");
        assertThat(series.get("verdict").getAsString()).isEqualTo("flat");
        assertThat(series.get("median").getAsDouble()).isEqualTo(0.0203);
        assertThat(series.getAsJsonArray("values")).hasSameSizeAs(series.getAsJsonArray("times_s"));
        assertThat(series.getAsJsonArray("values").get(119).getAsDouble()).isEqualTo(0.0203);
    }

    @Test
    void thePlotHasALineForEachSeriesThatHasSamples() throws Exception {
        Course course = new Course(
                List.of(
                        series("vcpu-service", Measure.HEAP, LONG_S, _ -> 41.5 * MIB),
                        series("pager-0", Measure.HEAP, LONG_S, s -> s * MIB),
                        new Series("pager-1", Measure.HEAP),
                        series("vcpu-service", Measure.FAULT_P50, LONG_S, _ -> 0.0012)),
                LONG_S);

        Document svg = DocumentBuilderFactory.newDefaultInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(CoursePlot.of(course))));

        NodeList texts = svg.getElementsByTagName("text");
        assertThat(IntStream.range(0, texts.getLength())
                        .mapToObj(i -> texts.item(i).getTextContent()))
                .contains(
                        "vcpu-service",
                        "pager-0",
                        "pager-1",
                        "heap after a collection, MiB",
                        "1000",
                        "fault, median, ms, by powers of ten",
                        "1",
                        "10");
        NodeList paths = svg.getElementsByTagName("path");
        assertThat(IntStream.range(0, paths.getLength())
                        .mapToObj(i -> paths.item(i).getAttributes())
                        .filter(path -> path.getNamedItem("d").getNodeValue().contains("L")))
                .as("lines of 120 samples")
                .hasSize(3);
    }

    private static Series series(String process, Measure measure, double runS, DoubleUnaryOperator value) {
        Series series = new Series(process, measure);
        for (int i = 1; i <= 120; i++) {
            double s = runS * i / 120;
            series.add(s, value.applyAsDouble(s));
        }
        return series;
    }
}
