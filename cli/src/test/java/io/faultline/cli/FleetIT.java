// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.audit.AuditTrail;
import io.faultline.loadtest.ReplayOutput;
import io.faultline.loadtest.replay.Fleet;
import io.faultline.loadtest.replay.ReplayException;
import io.faultline.loadtest.replay.ReplayProgress;
import io.faultline.loadtest.replay.ReplayResult;
import io.faultline.loadtest.replay.ReplaySettings;
import io.faultline.loadtest.replay.Schedule;
import io.faultline.model.PageSize;
import io.faultline.rpc.ServiceLoop;
import io.faultline.standalone.Standalone;
import io.faultline.standalone.StandaloneSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SequencedMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One recording in many VMs at once, against the real services. */
class FleetIT {
    private static final int FAULTS = 1_500;
    /** Together more vCPUs than a service takes calls at a time, and each boots by hypercalls. */
    private static final int VMS = 12;

    private static final int VCPUS = 32;

    @TempDir
    private Path directory;

    @SuppressWarnings("NullAway.Init") // Set before each test.
    private Standalone standalone;

    @BeforeEach
    void start() {
        StandaloneSettings settings =
                new StandaloneSettings(directory, StandaloneSettings.Ports.ANY, null, "memory", 32 << 20, 8 << 20);
        standalone = Standalone.start(settings, part -> {});
    }

    @AfterEach
    void stop() {
        standalone.close();
    }

    @Test
    void everyVmKeepsEveryInvariantAndTheTrailIsWhole() {
        Fleet fleet = new Fleet(settings(), VMS, Duration.ofMillis(20), ReplayProgress.NONE);

        SequencedMap<Long, ReplayResult> results;
        try (ServiceLoop loop = ServiceLoop.start("fleet")) {
            results = fleet.run(loop);
        }

        assertThat(results.keySet()).hasSize(VMS).startsWith(5L, 6L);
        assertThat(results.values()).hasSize(VMS).allSatisfy(result -> {
            assertThat(result.brokenInvariants()).isEmpty();
            assertThat(result.faults()).isEqualTo(FAULTS);
            assertThat(result.tokensIssued()).isPositive();
            assertThat(result.integrity().mismatches()).isZero();
        });
        standalone.closeServices();
        assertThat(ReplayOutput.verify(standalone.bootstrapServers(), AuditTrail.DEFAULT_TOPIC, results.keySet(), false)
                        .holds())
                .isTrue();
    }

    @Test
    void aFleetThatIsStoppedUnregistersEveryVm() {
        Fleet[] self = new Fleet[1];
        self[0] = new Fleet(
                settings().withSchedule(new Schedule.Rate(500)), VMS, Duration.ofMillis(1), (phase, done, total) -> {
                    if (phase == ReplayProgress.Phase.REPLAY && done > VMS) {
                        self[0].stop();
                    }
                });

        try (ServiceLoop loop = ServiceLoop.start("fleet")) {
            assertThatThrownBy(() -> self[0].run(loop))
                    .isInstanceOfSatisfying(
                            ReplayException.class, e -> assertThat(e.kind()).isEqualTo(ReplayException.Kind.STOPPED));
            // All ids are free again.
            assertThat(new Fleet(settings().withFaultsMax(50), VMS, Duration.ZERO, ReplayProgress.NONE).run(loop))
                    .hasSize(VMS);
        }
    }

    private ReplaySettings settings() {
        return ReplaySettings.of(Path.of("../loadtest/traces/redis-swap.trace.gz"))
                .withServices(new ReplaySettings.Services(standalone.vcpuAddress(), standalone.notifierAddress()))
                .withVm(new ReplaySettings.Vm(5, VCPUS, 256, PageSize.SIZE_4K))
                .withGuest(new ReplaySettings.Guest(VCPUS, true, true))
                .withSchedule(new Schedule.Rate(1_000))
                .withFaultsMax(FAULTS);
    }
}
