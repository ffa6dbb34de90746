// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.audit.AuditProperties;
import io.faultline.notifier.app.config.NotifierProperties;
import io.faultline.pager.app.config.PagerProperties;
import io.faultline.pager.app.config.RedisProperties;
import io.faultline.rpc.ClientProperties;
import io.faultline.rpc.RpcProperties;
import io.faultline.vcpu.app.config.VcpuProperties;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** What docs/bounds.md says of limits, held to the services' settings and to docs/metrics.md, which is held to a scrape. */
class BoundsTest {
    private static final Path PAGE = Path.of("../docs/bounds.md");
    private static final Map<String, Class<?>> SETTINGS = Map.of(
            "faultline.rpc",
            RpcProperties.class,
            "faultline.rpc.client",
            ClientProperties.class,
            "faultline.vcpu",
            VcpuProperties.class,
            "faultline.pager",
            PagerProperties.class,
            "faultline.pager.redis",
            RedisProperties.class,
            "faultline.notifier",
            NotifierProperties.class,
            "faultline.audit",
            AuditProperties.class);

    /** Numbers that bound nothing: rates, periods, counts of what there is. */
    private static final Set<String> NO_BOUNDS = Set.of(
            "faultline.vcpu.tick-ms",
            "faultline.vcpu.reconnect-min-ms",
            "faultline.vcpu.trace-one-in",
            "faultline.pager.rocksdb-readers",
            "faultline.pager.store-latency-us",
            "faultline.audit.partitions",
            "faultline.audit.wake-ms",
            "faultline.audit.linger-ms");

    private static final Pattern NAME = Pattern.compile("`(faultline\\.[a-z0-9.-]*[a-z0-9]|\\.[a-z.]+)`");
    private static final Pattern METRIC = Pattern.compile("^\\| `(faultline\\.[a-z.]+)` \\|");
    private static final Pattern QUANTITY = Pattern.compile("^([0-9,]+)( (?:KiB|MiB|GiB|s|ms))?(?=[;,]|$| )");

    @Test
    void everyBoundThatCanBeSetIsThereWithItsDefault() throws IOException {
        Map<String, Long> defaults = new TreeMap<>(defaults());
        defaults.keySet().removeAll(NO_BOUNDS);
        Map<String, Long> said = new TreeMap<>();
        for (List<String> row : rows()) {
            names(row.getFirst()).filter(defaults::containsKey).forEach(name -> said.put(name, quantity(row.get(1))));
        }

        assertThat(said).isEqualTo(defaults);
    }

    @Test
    void everyNameIsASettingOrAMetric() throws IOException {
        Set<String> known = new TreeSet<>(metrics());
        SETTINGS.forEach((prefix, type) -> Stream.of(type.getRecordComponents())
                .forEach(component -> known.add(prefix + "." + kebab(component.getName()))));

        assertThat(names(Files.readString(PAGE)))
                .isNotEmpty()
                .allSatisfy(name -> assertThat(known)
                        .as(name)
                        .anyMatch(one -> name.startsWith(".") ? one.endsWith(name) : one.equals(name)));
    }

    @Test
    void everyLimitSaysWhatHappensAtItAndWhereThatShows() throws IOException {
        assertThat(rows())
                .hasSizeGreaterThan(60)
                .allSatisfy(row -> assertThat(row).hasSize(4).noneMatch(String::isBlank));
    }

    /** The rows of the tables of limits. */
    private static List<List<String>> rows() throws IOException {
        List<List<String>> rows = new ArrayList<>();
        boolean inTable = false;
        for (String line : Files.readAllLines(PAGE)) {
            boolean isHead = line.equals("| what | default | at the limit | shows as |");
            inTable = isHead || (inTable && line.startsWith("|"));
            if (inTable && !isHead && !line.startsWith("|---")) {
                rows.add(Stream.of(line.substring(1, line.length() - 1).split("\\|", -1))
                        .map(String::strip)
                        .toList());
            }
        }
        return rows;
    }

    private static Stream<String> names(String text) {
        return NAME.matcher(text).results().map(result -> result.group(1));
    }

    /** Every numeric setting's default; of durations in milliseconds, of sizes in bytes. */
    private static Map<String, Long> defaults() {
        Map<String, Long> defaults = new LinkedHashMap<>();
        SETTINGS.forEach((prefix, type) -> {
            RecordComponent[] components = type.getRecordComponents();
            Parameter[] parameters = canonical(type, components).getParameters();
            for (int i = 0; i < components.length; i++) {
                if (components[i].getType() == int.class || components[i].getType() == long.class) {
                    defaults.put(
                            prefix + "." + kebab(components[i].getName()),
                            Long.valueOf(parameters[i].getAnnotation(DefaultValue.class)
                                    .value()[0]));
                }
            }
        });
        return defaults;
    }

    private static Constructor<?> canonical(Class<?> type, RecordComponent[] components) {
        try {
            return type.getDeclaredConstructor(
                    Stream.of(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(type + " (expected: a record)", e);
        }
    }

    private static String kebab(String camel) {
        return camel.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    private static long quantity(String cell) {
        Matcher quantity = QUANTITY.matcher(cell);
        if (!quantity.find()) {
            throw new IllegalArgumentException(
                    "default: " + cell + " (expected: a number, with KiB, MiB, GiB, s or ms)");
        }
        long number = Long.parseLong(quantity.group(1).replace(",", ""));
        String unit = quantity.group(2) == null ? "" : quantity.group(2).strip();
        return switch (unit) {
            case "KiB" -> number << 10;
            case "MiB" -> number << 20;
            case "GiB" -> number << 30;
            case "s" -> 1000 * number;
            default -> number;
        };
    }

    private static Set<String> metrics() throws IOException {
        Set<String> metrics = new TreeSet<>();
        for (String line : Files.readAllLines(Path.of("../docs/metrics.md"))) {
            Matcher row = METRIC.matcher(line);
            if (row.find()) {
                metrics.add(row.group(1));
            }
        }
        return metrics;
    }
}
