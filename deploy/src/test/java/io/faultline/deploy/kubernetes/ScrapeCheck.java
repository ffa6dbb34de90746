// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Service;
import io.faultline.deploy.ServiceSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Where a Prometheus is deployed, it scrapes every service's management port, as a job of the service's name. */
final class ScrapeCheck implements Check {
    @Override
    public List<String> violations(Manifests manifests) {
        List<String> found = new ArrayList<>();
        manifests
                .find(ConfigMap.class, "prometheus")
                .ifPresent(map -> scrapes(manifests, map.getData().getOrDefault("prometheus.yml", "{}"), found));
        return found;
    }

    private static void scrapes(Manifests manifests, String configuration, List<String> found) {
        Map<String, JsonNode> jobs = new TreeMap<>();
        StrictYaml.trees(configuration)
                .getFirst()
                .path("scrape_configs")
                .forEach(job -> jobs.put(job.path("job_name").asText(), job));
        for (String service : ServiceSettings.NAMES) {
            JsonNode job = jobs.get(service);
            String where = job == null ? "nowhere" : where(job);
            int port = manifests.workload(service).port("management").orElse(0);
            String expected = service + ":" + port + "/actuator/prometheus";
            if (!where.equals(expected)
                    || manifests.find(Service.class, service).isEmpty()) {
                found.add(
                        "ConfigMap prometheus: job " + service + " scrapes " + where + " (expected: " + expected + ")");
            }
        }
    }

    private static String where(JsonNode job) {
        JsonNode dns = job.at("/dns_sd_configs/0");
        return dns.at("/names/0").asText() + ":" + dns.path("port").asInt()
                + job.path("metrics_path").asText();
    }
}
