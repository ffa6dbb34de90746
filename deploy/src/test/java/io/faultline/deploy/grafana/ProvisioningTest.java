// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.grafana;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.deploy.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

class ProvisioningTest {
    private static final YAMLMapper YAML = YAMLMapper.builder().build();
    private static final Path DEPLOY = Repository.ROOT.resolve("deploy");

    @Test
    void theDataSourcesIntervalIsTheOneOfTheScrapes() throws IOException {
        JsonNode source = read("grafana/provisioning/datasources/prometheus.yml")
                .path("datasources")
                .path(0);
        JsonNode global = read("prometheus/prometheus.yml").path("global");

        assertThat(source.path("type").asString()).isEqualTo("prometheus");
        assertThat(source.path("jsonData").path("timeInterval").asString())
                .isEqualTo(global.path("scrape_interval").asString());
    }

    @Test
    void dashboardsAreTakenFromFilesAndNotFromTheBrowser() throws IOException {
        JsonNode provider = read("grafana/provisioning/dashboards/faultline.yml")
                .path("providers")
                .path(0);

        assertThat(provider.path("type").asString()).isEqualTo("file");
        assertThat(provider.path("allowUiUpdates").asBoolean()).isFalse();
        assertThat(provider.path("options").path("path").asString()).isEqualTo("/etc/grafana/dashboards");
    }

    private static JsonNode read(String file) throws IOException {
        return YAML.readTree(Files.readString(DEPLOY.resolve(file)));
    }
}
