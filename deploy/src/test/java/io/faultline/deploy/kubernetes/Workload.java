// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.faultline.deploy.ServiceSettings;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An object that makes pods, whatever its kind.
 *
 * @param owner the Deployment, StatefulSet or Job
 * @param template what its pods are like
 */
record Workload(HasMetadata owner, PodTemplateSpec template) {
    /** The workload that an object is, if it is one. */
    static Stream<Workload> of(HasMetadata object) {
        return switch (object) {
            case Deployment deployment ->
                Stream.of(new Workload(object, deployment.getSpec().getTemplate()));
            case StatefulSet set -> Stream.of(new Workload(object, set.getSpec().getTemplate()));
            case Job job -> Stream.of(new Workload(object, job.getSpec().getTemplate()));
            default -> Stream.empty();
        };
    }

    String name() {
        return owner.getMetadata().getName();
    }

    /** Its pods' labels. */
    Map<String, String> labels() {
        return template.getMetadata().getLabels();
    }

    PodSpec pod() {
        return template.getSpec();
    }

    /** Every container, those that run first included. */
    Stream<Container> containers() {
        return Stream.concat(pod().getInitContainers().stream(), pod().getContainers().stream());
    }

    /** The container that does the work: the only one that runs throughout. */
    Container container() {
        List<Container> containers = pod().getContainers();
        if (containers.size() != 1) {
            throw new IllegalStateException(this + ": " + containers.size() + " containers (expected: 1)");
        }
        return containers.getFirst();
    }

    /** Whether it is one of Faultline's three services. */
    boolean isService() {
        return ServiceSettings.NAMES.contains(name());
    }

    /** The number of a named container port. */
    Optional<Integer> port(String name) {
        return container().getPorts().stream()
                .filter(port -> name.equals(port.getName()))
                .map(ContainerPort::getContainerPort)
                .findFirst();
    }

    @Override
    public String toString() {
        return Manifests.nameOf(owner);
    }
}
