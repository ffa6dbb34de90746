// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.prometheus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The committed configuration and rules with other targets and shorter intervals, and nothing else changed. */
public final class QuickConfiguration {
    private static final YAMLMapper YAML = YAMLMapper.builder().build();

    private QuickConfiguration() {}

    /**
     * Writes it with its rules.
     *
     * @param folder where to
     * @param intervalS how often to scrape and to evaluate, in seconds
     * @param targets the only target of each job, {@code host:port}
     * @return the configuration's file
     */
    public static Path write(Path folder, int intervalS, Map<String, String> targets) throws IOException {
        JsonNode config = YAML.readTree(Files.readString(RuleFiles.PROMETHEUS.resolve("prometheus.yml")));
        ((ObjectNode) config.path("global"))
                .put("scrape_interval", intervalS + "s")
                .put("scrape_timeout", intervalS + "s")
                .put("evaluation_interval", intervalS + "s");
        for (JsonNode job : config.path("scrape_configs")) {
            String name = job.path("job_name").asString();
            String target = targets.get(name);
            if (target == null) {
                throw new IllegalArgumentException("targets: " + targets + " (expected: one of job " + name + ")");
            }
            ((ObjectNode) job.path("static_configs").path(0))
                    .putArray("targets")
                    .add(target);
        }
        Path rules = Files.createDirectories(folder.resolve("rules"));
        for (Path file : RuleFiles.rules()) {
            JsonNode tree = YAML.readTree(Files.readString(file));
            tree.path("groups").forEach(group -> ((ObjectNode) group).remove("interval"));
            Files.writeString(rules.resolve(file.getFileName()), YAML.writeValueAsString(tree));
        }
        return Files.writeString(folder.resolve("prometheus.yml"), YAML.writeValueAsString(config));
    }
}
