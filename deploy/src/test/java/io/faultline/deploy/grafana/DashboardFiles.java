// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.grafana;

import io.faultline.deploy.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The dashboards of this repository, in their short form and as Grafana reads them. */
final class DashboardFiles {
    /** Where the short forms are, one a dashboard. */
    static final Path SOURCES = Repository.ROOT.resolve("deploy/grafana/source");

    /** Where Grafana's provisioning finds the dashboards. */
    static final Path DASHBOARDS = Repository.ROOT.resolve("deploy/grafana/dashboards");

    private static final ObjectMapper YAML = YAMLMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private DashboardFiles() {}

    /** What the short forms say, as the text of a file by its name. */
    static Map<String, String> written() {
        Shared shared = YAML.readValue(SOURCES.resolve("shared/shared.yml"), Shared.class);
        DashboardJson writer = new DashboardJson(shared);
        Map<String, String> files = new TreeMap<>();
        for (Path source : Repository.files(SOURCES, ".yml")) {
            ObjectNode json = writer.write(YAML.readValue(source, DashboardSource.class));
            String name = source.getFileName().toString().replace(".yml", ".json");
            files.put(name, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
        }
        return files;
    }

    /** What is committed, as the text of a file by its name. */
    static Map<String, String> committed() {
        Map<String, String> files = new TreeMap<>();
        for (Path file : Repository.files(DASHBOARDS, ".json")) {
            files.put(file.getFileName().toString(), text(file));
        }
        return files;
    }

    /** Writes what the short forms say, and removes what none of them says. */
    static void write() {
        Map<String, String> files = written();
        try {
            for (Path file : Repository.files(DASHBOARDS, ".json")) {
                if (!files.containsKey(file.getFileName().toString())) {
                    Files.delete(file);
                }
            }
            for (Map.Entry<String, String> file : files.entrySet()) {
                Files.writeString(DASHBOARDS.resolve(file.getKey()), file.getValue());
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** The committed dashboards, in the order of their files' names. */
    static List<Dashboard> dashboards() {
        return committed().values().stream()
                .map(text -> new Dashboard((ObjectNode) JSON.readTree(text)))
                .toList();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
