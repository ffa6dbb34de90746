// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/conformance.md has every case and every bug, and says of each other case of the protocol why it is not here. */
class DocumentationTest {
    private static final Path DOCS = Path.of("..", "docs");

    private final String page = Files.readString(DOCS.resolve("conformance.md"));

    DocumentationTest() throws IOException {}

    @Test
    void everyCaseHasItsRow() {
        for (Suite.Entry entry : Suite.all()) {
            Case description = entry.description();
            assertThat(page)
                    .contains("| " + entry.id() + " | " + description.source() + " | " + description.holds() + " | ");
        }
        assertThat(page).contains("\n" + Suite.all().size() + " cases. ");
    }

    @Test
    void everyBugHasItsRow() {
        List<Bug> bugs = DeliberateBugsIT.bugs().toList();
        for (Bug bug : bugs) {
            assertThat(page).contains("| " + bug.name() + " | " + String.join(", ", bug.cases()) + " |");
        }
        assertThat(page).contains("With each of these " + bugs.size() + ", ");
    }

    @Test
    void everyOtherCaseOfTheProtocolIsSaidToBeInner() throws IOException {
        List<String> here = Suite.all().stream().map(Suite.Entry::id).toList();
        String inner = page.substring(page.indexOf("## Cases that cannot be seen from outside"));
        List<String> ids = Files.readAllLines(DOCS.resolve("protocol-cases.tsv")).stream()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.substring(0, line.indexOf('\t')))
                .toList();

        assertThat(ids).containsAll(here);
        assertThat(ids)
                .filteredOn(id -> !here.contains(id))
                .allSatisfy(id -> assertThat(inner)
                        .containsPattern(Pattern.compile("^\\| ([A-L]\\d+, )*" + id + "[ ,]", Pattern.MULTILINE)));
    }
}
