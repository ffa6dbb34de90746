// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.fabric8.kubernetes.api.model.Container;
import io.faultline.deploy.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Pods run the images that this repository builds and that its docker-compose.yml runs. */
class ImageTest {
    private static final Path BUILD = Repository.ROOT.resolve("deploy/docker/build");
    private static final Path COMPOSE = Repository.ROOT.resolve("docker-compose.yml");
    private static final Pattern BUILT = Pattern.compile("faultline/[a-z]+(-[a-z]+)*");
    private static final Pattern IMAGE = Pattern.compile("(?m)^ +image: (\\S+)$");

    @Test
    void theServicesImagesAreTheOnesThatAreBuilt() throws IOException {
        Set<String> built = BUILT.matcher(Files.readString(BUILD))
                .results()
                .map(match -> match.group() + ":dev")
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(images()).filteredOn(image -> image.startsWith("faultline/")).containsExactlyElementsOf(built);
    }

    @Test
    void theOthersImagesAreTheOnesOfCompose() throws IOException {
        assumeThat(COMPOSE).exists();
        Set<String> composed = IMAGE.matcher(Files.readString(COMPOSE))
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(composed)
                .containsAll(images().stream()
                        .filter(image -> !image.startsWith("faultline/"))
                        .toList());
    }

    private static Set<String> images() {
        return Manifests.of("overlays/local-prometheus", "replay").workloads().stream()
                .flatMap(Workload::containers)
                .map(Container::getImage)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
