// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.compose;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.deploy.Repository;
import io.faultline.deploy.ServiceSettings;
import io.faultline.deploy.compose.ComposeFile.Service;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the file tells the services, against what the services read. */
class SettingsTest {
    /** The audit trail's close timeout, which comes on top of a service's drain. */
    private static final long AUDIT_CLOSE_SECONDS = 5;

    private static final ComposeFile FILE = ComposeReader.repository();

    private static Service service(String name) {
        return FILE.service(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"vcpu-service", "pager-service", "notifier-service"})
    void everyVariableIsOneThatTheServiceReads(String name) {
        assertThat(ServiceSettings.of(name).defaults().keySet())
                .containsAll(service(name).environment().keySet());
    }

    @ParameterizedTest
    @ValueSource(strings = {"vcpu-service", "pager-service", "notifier-service"})
    void portsAreTheServicesOwn(String name) {
        String prefix = name.substring(0, name.indexOf('-')).toUpperCase(Locale.ROOT);
        ServiceSettings settings = ServiceSettings.of(name);
        String port = settings.get(prefix + "_PORT");
        String managementPort = settings.get(prefix + "_MANAGEMENT_PORT");

        assertThat(service(name).ports())
                .containsExactly(
                        "127.0.0.1:" + port + ":" + port, "127.0.0.1:" + managementPort + ":" + managementPort);
        assertThat(Objects.requireNonNull(service(name).healthcheck()).test())
                .containsExactly("CMD", "/opt/faultline/bin/healthy", managementPort);
        assertThat(service(name).environment()).containsEntry(prefix + "_ADDRESS", "0.0.0.0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"vcpu-service", "pager-service", "notifier-service"})
    void aServiceHasTheTimeToEndInOrder(String name) {
        assertThat(Sizes.seconds(service(name).stopGracePeriod()))
                .isGreaterThan(drainSeconds(ServiceSettings.of(name)) + AUDIT_CLOSE_SECONDS);
    }

    /** By its own drain, of a second where no variable sets it, and gRPC's grace period. */
    private static long drainSeconds(ServiceSettings settings) {
        String drainMs = settings.defaults().getOrDefault(settings.prefix() + "DRAIN_MS", "1000");
        return Math.ceilDiv(Long.parseLong(drainMs), 1_000) + settings.grpcGraceSeconds();
    }

    @Test
    void peersAreWhereTheyListen() {
        String pager = "pager-service:" + ServiceSettings.of("pager-service").get("PAGER_PORT");
        String notifier =
                "notifier-service:" + ServiceSettings.of("notifier-service").get("NOTIFIER_PORT");
        String vcpu = "vcpu-service:" + ServiceSettings.of("vcpu-service").get("VCPU_PORT");

        assertThat(service("vcpu-service").environment())
                .containsEntry("PAGER_TARGET", pager)
                .containsEntry("NOTIFIER_TARGET", notifier);
        assertThat(service("loadtest").command())
                .containsSequence("--vcpu", vcpu)
                .containsSequence("--notifier", notifier);
    }

    @Test
    void everyoneFindsTheBrokerAtItsListener() {
        String kafka = "kafka:9092";

        assertThat(service("kafka").environment().get("KAFKA_ADVERTISED_LISTENERS"))
                .contains("CLUSTER://" + kafka);
        assertThat(service("vcpu-service").environment()).containsEntry("KAFKA_BOOTSTRAP_SERVERS", kafka);
        assertThat(service("notifier-service").environment()).containsEntry("KAFKA_BOOTSTRAP_SERVERS", kafka);
        assertThat(service("loadtest").command()).containsSequence("--bootstrap", kafka);
    }

    @Test
    void theStoreIsTheClusterThatTheKeeperKeeps() {
        List<String> nodes = FILE.services().keySet().stream()
                .filter(name -> name.matches("redis-[0-9]"))
                .toList();

        assertThat(nodes).hasSize(6);
        assertThat(service("pager-service").environment())
                .containsEntry("PAGER_STORE", "redis-cluster://" + String.join(":6379,", nodes) + ":6379");
        assertThat(service("redis-cluster").command())
                .containsExactlyElementsOf(
                        Stream.concat(Stream.of("keep"), nodes.stream()).toList());
        assertThat(service("redis-cluster").dependsOn()).containsOnlyKeys(nodes);
    }

    @Test
    void prometheusScrapesTheServicesWhereTheyServeMetrics() throws IOException {
        String scraped = Files.readString(Repository.ROOT.resolve("deploy/prometheus/prometheus.yml"));

        for (String name : List.of("vcpu-service", "pager-service", "notifier-service")) {
            String prefix = name.substring(0, name.indexOf('-')).toUpperCase(Locale.ROOT);
            String port = ServiceSettings.of(name).get(prefix + "_MANAGEMENT_PORT");
            assertThat(scraped).contains("targets: [" + name + ":" + port + "]");
            assertThat(service(name).networks())
                    .containsAnyElementsOf(service("prometheus").networks());
        }
    }

    @Test
    void everyMountedFileExistsAndEveryVolumeIsDeclared() {
        FILE.services()
                .forEach((name, service) -> service.volumes().forEach(volume -> {
                    String source = volume.substring(0, volume.indexOf(':'));
                    if (source.startsWith("./var/tls/")) {
                        assertThat(volume).as(name).endsWith(":/etc/faultline/tls:ro");
                    } else if (source.startsWith("./")) {
                        assertThat(Repository.ROOT.resolve(source)).as(name).exists();
                        assertThat(volume)
                                .as(name + ": our files are not the container's to change")
                                .endsWith(":ro");
                    } else {
                        assertThat(FILE.volumes()).as(name).containsKey(source);
                    }
                }));
    }

    @ParameterizedTest
    @CsvSource({
        "vcpu-service, service-vcpu-service",
        "pager-service, service-pager-service",
        "notifier-service, service-notifier-service",
        "loadtest, client-dev"
    })
    void everyPartySeesItsOwnCertificateAndNoOther(String name, String folder) {
        assertThat(service(name).volumes())
                .filteredOn(volume -> volume.contains("tls"))
                .containsExactly("./var/tls/" + folder + ":/etc/faultline/tls:ro");
        assertThat(service(name).environment())
                .containsEntry("TLS_CA_FILE", "/etc/faultline/tls/ca.pem")
                .containsEntry("TLS_CERTIFICATE_FILE", "/etc/faultline/tls/tls.pem")
                .containsEntry("TLS_KEY_FILE", "/etc/faultline/tls/tls.key");
    }

    @Test
    void whatBuildsTheImagesMakesTheCertificates() throws IOException {
        assertThat(Files.readString(Repository.ROOT.resolve("deploy/docker/build")))
                .contains("KEY_MODE=644 \"$root/deploy/tls/dev-ca\" \"${FAULTLINE_TLS_DIRECTORY:-$root/var/tls}\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"vcpu-service", "notifier-service"})
    void stepsWaitInAVolumeOfTheServicesOwnWhileTheBrokerIsAway(String name) {
        Service service = service(name);
        String directory = service.environment().getOrDefault("AUDIT_SPOOL_DIRECTORY", "");
        List<String> others = FILE.services().entrySet().stream()
                .filter(other -> !other.getKey().equals(name))
                .flatMap(other -> other.getValue().volumes().stream())
                .map(volume -> volume.substring(0, volume.indexOf(':')))
                .toList();

        assertThat(service.environment()).containsEntry("AUDIT_REQUIRED", "false");
        assertThat(service.volumes())
                .filteredOn(volume -> volume.endsWith(":" + directory))
                .singleElement()
                .satisfies(volume -> assertThat(others).doesNotContain(volume.substring(0, volume.indexOf(':'))));
    }

    @Test
    void theSpoolsPlaceIsTheServicesUsersInTheImage() throws IOException {
        // A volume that is new gets the owner that its place has in the image.
        assertThat(Files.readString(Repository.ROOT.resolve("deploy/docker/Dockerfile")))
                .contains("install -d -o 10001 -g 10001 -m 0750 /var/lib/faultline "
                        + service("vcpu-service").environment().get("AUDIT_SPOOL_DIRECTORY") + "\n");
    }

    @Test
    void thePagesFitTheContainer() {
        Service pager = service("pager-service");
        long pages = Long.parseLong(pager.environment().getOrDefault("PAGER_DRAM_MAX_BYTES", ""))
                + Long.parseLong(pager.environment().getOrDefault("PAGER_COMPRESSED_MAX_BYTES", ""));

        assertThat(pages).isLessThan(Sizes.bytes(pager.memLimit()) * directPercent() / 100);
    }

    @Test
    void whatIsBuiltIsATargetOfTheDockerfile() throws IOException {
        for (Service service : FILE.services().values()) {
            if (service.isOurs()) {
                ComposeFile.Build build = Objects.requireNonNull(service.build());
                Path dockerfile = Repository.ROOT.resolve(build.context()).resolve(build.dockerfile());
                assertThat(Files.readString(dockerfile)).contains(" AS " + build.target() + "\n");
            }
        }
    }

    private static long directPercent() {
        try {
            return Files.readString(Repository.ROOT.resolve("deploy/docker/image/start"))
                    .lines()
                    .filter(line -> line.startsWith("DIRECT_PERCENT="))
                    .mapToLong(line -> Long.parseLong(line.substring(line.indexOf('=') + 1)))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
