// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpec;
import io.faultline.deploy.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The metric that the autoscaler asks for is one that prometheus-adapter makes of one that a service has. */
class AutoscalerMetricTest {
    @Test
    void theAdapterMakesTheAutoscalersMetricOfACataloguedOne() throws IOException {
        List<String> wanted = Manifests.of("overlays/production").all(HorizontalPodAutoscaler.class).stream()
                .flatMap(scaler -> scaler.getSpec().getMetrics().stream())
                .map(MetricSpec::getPods)
                .map(pods -> pods.getMetric().getName())
                .toList();
        JsonNode rule = new YAMLMapper()
                .readTree(Files.readString(Kustomize.ROOT.resolve("prometheus-adapter-values.yaml")))
                .at("/rules/custom/0");
        String query = rule.path("seriesQuery").asText();
        String series = query.substring(0, query.indexOf('{'));

        String made = series.replaceAll(
                rule.at("/name/matches").asText(), rule.at("/name/as").asText().replaceAll("\\$\\{([0-9])}", "\\$$1"));

        assertThat(wanted).containsExactly(made);
        assertThat(Files.readString(Repository.ROOT.resolve("docs/metrics.md"))).contains("| `" + series + "` |");
    }
}
