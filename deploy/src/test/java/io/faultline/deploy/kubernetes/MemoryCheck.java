// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.faultline.deploy.ServiceSettings;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A container's memory limit holds all that its JVM may take: heap, direct memory, metaspace, code, what is written to
 * tmpfs, and the rest. And its direct memory holds the pages and Netty's buffers.
 */
final class MemoryCheck implements Check {
    /** Threads' stacks, the collector's tables, symbols and the C library's arenas. */
    static final long REST_BYTES = 192L << 20;

    /** What bounds the page memory of each service. */
    private static final Map<String, List<String>> PAGE_MEMORY = Map.of(
            "vcpu-service", List.of("VCPU_FRAMES_MAX_BYTES"),
            "pager-service", List.of("PAGER_DRAM_MAX_BYTES", "PAGER_COMPRESSED_MAX_BYTES"));

    @Override
    public List<String> violations(Manifests manifests) {
        List<String> found = new ArrayList<>();
        for (Workload workload : manifests.workloads()) {
            String options =
                    Environment.of(manifests, workload.container()).values().getOrDefault("FAULTLINE_JAVA_OPTS", "");
            if (workload.isService() || !options.isEmpty()) {
                limit(workload, options, found);
            }
            if (workload.isService()) {
                pages(manifests, workload, options, found);
            }
        }
        return found;
    }

    private static void limit(Workload workload, String options, List<String> found) {
        long needed = REST_BYTES + memoryVolumes(workload);
        for (String option :
                List.of("-Xmx", "-XX:MaxDirectMemorySize=", "-XX:MaxMetaspaceSize=", "-XX:ReservedCodeCacheSize=")) {
            long bytes = bytes(options, option);
            if (bytes == 0) {
                found.add(workload + ": FAULTLINE_JAVA_OPTS has no " + option + " (expected: a bound)");
            }
            needed += bytes;
        }
        Quantity limit = workload.container().getResources().getLimits().get("memory");
        long limitBytes = limit == null ? 0 : Quantity.getAmountInBytes(limit).longValueExact();
        if (limitBytes < needed) {
            found.add(workload + ": its memory limit is " + (limitBytes >> 20) + " MiB (expected: at least "
                    + (needed >> 20) + " MiB)");
        }
    }

    private static void pages(Manifests manifests, Workload workload, String options, List<String> found) {
        ServiceSettings settings = ServiceSettings.of(workload.name());
        Environment environment = Environment.of(manifests, workload.container());
        long pages = PAGE_MEMORY.getOrDefault(workload.name(), List.of()).stream()
                .mapToLong(variable -> Long.parseLong(environment.get(variable, settings)))
                .sum();
        long direct = bytes(options, "-XX:MaxDirectMemorySize=");
        long needed = pages + bytes(options, "-Dio.netty.maxDirectMemory=");
        if (direct < needed) {
            found.add(workload + ": -XX:MaxDirectMemorySize is " + (direct >> 20) + " MiB (expected: at least "
                    + (needed >> 20) + " MiB, for pages and Netty)");
        }
    }

    private static long memoryVolumes(Workload workload) {
        return workload.pod().getVolumes().stream()
                .map(Volume::getEmptyDir)
                .filter(directory -> directory != null && "Memory".equals(directory.getMedium()))
                .map(directory -> Quantity.getAmountInBytes(directory.getSizeLimit()))
                .reduce(BigDecimal.ZERO, BigDecimal::add)
                .longValueExact();
    }

    private static long bytes(String options, String option) {
        Matcher size = Pattern.compile("(?:^| )" + Pattern.quote(option) + "([0-9]+)([kmg]?)(?= |$)")
                .matcher(options);
        if (!size.find()) {
            return 0;
        }
        int shift = switch (size.group(2)) {
            case "k" -> 10;
            case "m" -> 20;
            case "g" -> 30;
            default -> 0;
        };
        return Long.parseLong(size.group(1)) << shift;
    }
}
