// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.faultline.deploy.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What docs/kubernetes.md tells to write or to apply is what this repository can build. */
class DocumentationTest {
    private static final Path PAGE = Repository.ROOT.resolve("docs/kubernetes.md");
    private static final Pattern KUSTOMIZATION = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);
    private static final Pattern FOLDER = Pattern.compile("-k (deploy/kubernetes/[-a-z/]+)");

    @ParameterizedTest
    @MethodSource("io.faultline.deploy.kubernetes.DeploymentsTest#checks")
    void theKustomizationOfOnesOwnIsSound(Check check) throws IOException {
        Manifests own = Manifests.of(ownKustomization());

        assertThat(own.find(ConfigMap.class, "audit").orElseThrow().getData().get("KAFKA_BOOTSTRAP_SERVERS"))
                .contains("kafka-1.example.net");
        assertThat(check.violations(own)).isEmpty();
    }

    @Test
    void everyFolderThatIsAppliedBuilds() throws IOException {
        Matcher folders = FOLDER.matcher(Files.readString(PAGE));

        assertThat(folders.results().map(match -> match.group(1)).distinct())
                .hasSizeGreaterThan(2)
                .allSatisfy(folder -> assertThat(
                                Kustomize.build(Repository.ROOT.resolve(folder).toString()))
                        .contains("kind:"));
    }

    /* Written where the page's reader would have it, but for the name of the folder in between. */
    private static String ownKustomization() throws IOException {
        Matcher block = KUSTOMIZATION.matcher(Files.readString(PAGE));
        assertThat(block.find()).isTrue();
        Path folder = Files.createDirectories(Repository.ROOT.resolve("deploy/target/own-kustomization"));
        Files.writeString(
                folder.resolve("kustomization.yaml"), block.group(1).replace("../faultline/deploy/", "../../"));
        return folder.toString();
    }
}
