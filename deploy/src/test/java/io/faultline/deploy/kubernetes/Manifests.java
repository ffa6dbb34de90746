// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The objects that some kustomizations make together. Each instance has objects of its own, which tests may change.
 *
 * @param objects all of them, in kustomize's order
 */
record Manifests(List<HasMetadata> objects) {
    /** What can be deployed as it is: each line is applied together. */
    static final List<List<String>> DEPLOYABLE = List.of(
            List.of("overlays/local"),
            List.of("overlays/local-prometheus"),
            List.of("overlays/production"),
            List.of("overlays/local-prometheus", "replay"));

    /** Builds kustomizations, and reads what they make. */
    static Manifests of(List<String> kustomizations) {
        return new Manifests(kustomizations.stream()
                .map(Kustomize::build)
                .flatMap(yaml -> StrictYaml.trees(yaml).stream())
                .map(StrictYaml::object)
                .toList());
    }

    /** Builds kustomizations, and reads what they make. */
    static Manifests of(String... kustomizations) {
        return of(List.of(kustomizations));
    }

    /** All objects of a kind. */
    <T extends HasMetadata> List<T> all(Class<T> type) {
        return objects.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** The object of that kind and name; a generated name counts without its hash. */
    <T extends HasMetadata> Optional<T> find(Class<T> type, String name) {
        return all(type).stream()
                .filter(object -> object.getMetadata().getName().matches(name + "(-[0-9a-z]{10})?"))
                .findFirst();
    }

    /** This, with one object changed. */
    <T extends HasMetadata> Manifests with(Class<T> type, String name, Consumer<T> change) {
        change.accept(find(type, name)
                .orElseThrow(() -> new NoSuchElementException(type.getSimpleName() + " " + name + ": not there")));
        return this;
    }

    /** This, without one object. */
    <T extends HasMetadata> Manifests without(Class<T> type, String name) {
        String gone = nameOf(find(type, name).orElseThrow());
        return new Manifests(
                objects.stream().filter(object -> !nameOf(object).equals(gone)).toList());
    }

    /** Everything that makes pods. */
    List<Workload> workloads() {
        return objects.stream().flatMap(Workload::of).toList();
    }

    /** The workload of that name. */
    Workload workload(String name) {
        return workloads().stream()
                .filter(workload -> workload.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** The workloads whose pods a Service sends to. */
    Stream<Workload> behind(Service service) {
        Map<String, String> selector = service.getSpec().getSelector();
        return workloads().stream()
                .filter(workload -> workload.labels().entrySet().containsAll(selector.entrySet()));
    }

    /** An object as messages name it. */
    static String nameOf(HasMetadata object) {
        return object.getKind() + " " + object.getMetadata().getName();
    }
}
