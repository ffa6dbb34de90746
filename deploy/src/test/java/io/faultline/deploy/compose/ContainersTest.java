// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.compose;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.deploy.compose.ComposeFile.HealthCheck;
import io.faultline.deploy.compose.ComposeFile.Service;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What every container of the cluster is held to. */
class ContainersTest {
    private static final Pattern USER = Pattern.compile("[1-9][0-9]*:[0-9]+");
    private static final Pattern VERSION = Pattern.compile("v?[0-9]+\\.[0-9]+\\.[0-9]+(-[a-z]+)?");
    private static final ComposeFile FILE = ComposeReader.repository();

    static Stream<Arguments> services() {
        return FILE.services().entrySet().stream().map(entry -> Arguments.of(entry.getKey(), entry.getValue()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("services")
    void aContainerHasNoPrivileges(String name, Service service) {
        assertThat(service.user()).as(name + ": user").matches(USER);
        assertThat(service.readOnly()).as(name + ": read_only").isTrue();
        assertThat(service.capDrop()).as(name + ": cap_drop").containsExactly("ALL");
        assertThat(service.securityOpt()).as(name + ": security_opt").containsExactly("no-new-privileges:true");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("services")
    void aContainerIsBounded(String name, Service service) {
        assertThat(Sizes.bytes(service.memLimit())).as(name + ": mem_limit").isPositive();
        assertThat(service.cpus()).as(name + ": cpus").isPositive();
        assertThat(service.pidsLimit()).as(name + ": pids_limit").isPositive();
        assertThat(service.tmpfs()).as(name + ": tmpfs").isNotEmpty().allMatch(mount -> mount.contains("size="));
        assertThat(Objects.requireNonNull(service.logging(), name + ": logging").options())
                .containsKeys("max-size", "max-file");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("services")
    void anImageIsPinned(String name, Service service) {
        String tag = service.image().substring(service.image().lastIndexOf(':') + 1);

        if (service.isOurs()) {
            assertThat(tag).isEqualTo("dev");
            assertThat(service.pullPolicy())
                    .as(name + ": a stranger may own the name on a registry")
                    .isEqualTo("never");
            assertThat(service.build()).isNotNull();
        } else {
            assertThat(tag).as(name + ": image").matches(VERSION);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("services")
    void aContainerComesBackAndIsWatched(String name, Service service) {
        if (service.isJob()) {
            assertThat(service.restart()).isEqualTo("no");
        } else {
            assertThat(service.restart()).isEqualTo("unless-stopped");
            HealthCheck health = Objects.requireNonNull(service.healthcheck(), name + ": healthcheck");
            assertThat(health.test()).startsWith("CMD");
            assertThat(Sizes.seconds(health.timeout())).isLessThanOrEqualTo(Sizes.seconds(health.interval()));
            assertThat(health.retries()).isPositive();
        }
        assertThat(Sizes.seconds(service.stopGracePeriod()))
                .as(name + ": stop_grace_period")
                .isPositive();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("services")
    void aContainerStartsWhenWhatItNeedsIsHealthy(String name, Service service) {
        service.dependsOn().forEach((other, dependency) -> {
            assertThat(dependency.condition()).isEqualTo("service_healthy");
            assertThat(FILE.service(other).healthcheck()).isNotNull();
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("services")
    void portsArePublishedOnLoopbackOnly(String name, Service service) {
        assertThat(service.ports()).as(name + ": ports").allMatch(port -> port.startsWith("127.0.0.1:"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("services")
    void networksAreDeclared(String name, Service service) {
        assertThat(service.networks())
                .as(name + ": networks")
                .isNotEmpty()
                .isSubsetOf(FILE.networks().keySet());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("services")
    void aContainerCanReachWhatItWaitsFor(String name, Service service) {
        for (Map.Entry<String, ComposeFile.Dependency> dependency :
                service.dependsOn().entrySet()) {
            assertThat(FILE.service(dependency.getKey()).networks())
                    .as(name + " and " + dependency.getKey() + " share a network")
                    .containsAnyElementsOf(service.networks());
        }
    }
}
