// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which test holds which case of the protocol: cases from a list, tests from the tags in the sources. */
final class ProtocolTraceability {
    private static final Pattern TAG = Pattern.compile("@Tag\\(\"([A-LP]\\d+)\"\\)");
    /** A case of the conformance suite, which is no test but is run as one. */
    private static final Pattern CASE = Pattern.compile("\\bid = \"([A-KP]\\d+)\"");

    private static final String SUITE = "/conformance/src/main/java/";
    private static final Pattern METHOD = Pattern.compile("\\bvoid (\\w+)\\(");

    private final Map<String, Case> cases = new LinkedHashMap<>();
    private final Map<String, List<String>> testsByCase = new TreeMap<>();

    /** {@code inapplicable} says why a case has no counterpart here; empty for one that needs a test. */
    private record Case(String invariants, String text, String inapplicable) {}

    /**
     * Reads the cases and every test source, and every case of the conformance suite, below a directory.
     *
     * @throws IOException for what cannot be read
     */
    ProtocolTraceability(Path caseList, Path root) throws IOException {
        for (String line : Files.readAllLines(caseList)) {
            if (!line.startsWith("#")) {
                String[] columns = line.split("\t", -1);
                cases.put(columns[0], new Case(columns[1], columns[2], columns.length > 3 ? columns[3] : ""));
            }
        }
        try (Stream<Path> files = Files.walk(root)) {
            List<Path> sources = files.filter(file -> file.toString().contains("/src/test/java/")
                            || file.toString().contains(SUITE))
                    .filter(file -> file.toString().endsWith(".java"))
                    .sorted()
                    .toList();
            for (Path source : sources) {
                read(source);
            }
        }
    }

    /** Ids that tests are tagged with and that are no case's. */
    List<String> strangers() {
        return testsByCase.keySet().stream()
                .filter(id -> !cases.containsKey(id))
                .toList();
    }

    /** Cases that have a test exactly if they are said not to apply. */
    List<String> unaccountedFor() {
        return cases.entrySet().stream()
                .filter(entry -> testsByCase.containsKey(entry.getKey())
                        != entry.getValue().inapplicable().isEmpty())
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The table, in Markdown. */
    String table() {
        long held = cases.keySet().stream().filter(testsByCase::containsKey).count();
        long inapplicable = cases.values().stream()
                .filter(described -> !described.inapplicable().isEmpty())
                .count();
        StringBuilder table = new StringBuilder("# Which test holds which case of the protocol\n\n"
                + "Generated from [protocol-cases.tsv](protocol-cases.tsv) and the tests' tags; one case runs by "
                + "`mvn test -Dgroups=G10`.\n"
                + "Rewrite it with `mvn -pl cli -am test -Dtest=ProtocolTraceabilityTest "
                + "-Dsurefire.failIfNoSpecifiedTests=false -Dfaultline.traceability.write=true`.\n\n"
                + held + " of " + cases.size() + " cases have a test that is tagged with them; " + inapplicable
                + " have no counterpart here.\n\n"
                + "| case | invariants | what must hold | tests |\n|---|---|---|---|\n");
        cases.forEach((id, described) -> table.append("| ")
                .append(id)
                .append(" | ")
                .append(described.invariants())
                .append(" | ")
                .append(described.text())
                .append(" | ")
                .append(String.join("<br>", testsByCase.getOrDefault(id, List.of(without(described)))))
                .append(" |\n"));
        return table.toString();
    }

    private static String without(Case described) {
        return described.inapplicable().isEmpty() ? "none" : "not applicable: " + described.inapplicable();
    }

    private void read(Path source) throws IOException {
        String file = source.getFileName().toString();
        String test = (source.toString().contains("/domain/src/") ? "domain: " : "wire: ")
                + file.substring(0, file.length() - ".java".length());
        Pattern named = source.toString().contains(SUITE) ? CASE : TAG;
        List<String> pending = new ArrayList<>();
        for (String line : Files.readAllLines(source)) {
            Matcher tag = named.matcher(line);
            while (tag.find()) {
                pending.add(tag.group(1));
            }
            Matcher method = METHOD.matcher(line);
            if (method.find()) {
                for (String id : pending) {
                    testsByCase.computeIfAbsent(id, any -> new ArrayList<>()).add(test + "." + method.group(1));
                }
                pending.clear();
            }
        }
    }
}
