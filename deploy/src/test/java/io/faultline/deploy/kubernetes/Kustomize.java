// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.faultline.deploy.OutsideTool;
import io.faultline.deploy.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Builds kustomizations with the kustomize inside {@code kubectl}, each once for all tests. */
final class Kustomize {
    /** The folder of all kustomizations. */
    static final Path ROOT = Repository.ROOT.resolve("deploy/kubernetes");

    private static final OutsideTool KUBECTL = new OutsideTool("kubectl", "kubernetes-client");
    /** The first minor version of kubectl 1 that knows everything used here. */
    private static final int KUBECTL_MINOR_MIN = 27;

    private static final Map<String, String> BUILT = new ConcurrentHashMap<>();

    private Kustomize() {}

    /**
     * The objects of a kustomization as one stream of YAML; ends the test where there is no suitable kubectl.
     *
     * @throws IllegalStateException with kubectl's words when it cannot build
     */
    static String build(String kustomization) {
        String kubectl = kubectl();
        return BUILT.computeIfAbsent(
                kustomization,
                folder -> run(kubectl, "kustomize", ROOT.resolve(folder).toString()));
    }

    private static String kubectl() {
        String kubectl = KUBECTL.require().toString();
        try {
            String minor = new ObjectMapper()
                    .readTree(run(kubectl, "version", "--client", "--output=json"))
                    .path("clientVersion")
                    .path("minor")
                    .asText();
            if (Integer.parseInt(minor.replaceAll("[^0-9]", "")) < KUBECTL_MINOR_MIN) {
                KUBECTL.tooOld("1." + minor, "1." + KUBECTL_MINOR_MIN);
            }
            return kubectl;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String run(String... command) {
        List<String> words = new ArrayList<>(List.of(command));
        try {
            Process process = new ProcessBuilder(words)
                    .redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int code = process.waitFor();
            if (code != 0) {
                throw new IllegalStateException(String.join(" ", words) + ": exit code " + code + "\n" + output);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
