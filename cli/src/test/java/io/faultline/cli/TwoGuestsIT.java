// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.loadtest.replay.Replay;
import io.faultline.loadtest.replay.ReplayProgress;
import io.faultline.loadtest.replay.ReplayResult;
import io.faultline.loadtest.replay.ReplaySettings;
import io.faultline.loadtest.replay.TerminalKind;
import io.faultline.model.PageSize;
import io.faultline.model.SyncReason;
import io.faultline.standalone.Standalone;
import io.faultline.standalone.StandaloneSettings;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two VMs on one system: what happens to one is no business of the other's. */
class TwoGuestsIT {
    private static final int FAULTS = 12_000;

    @TempDir
    private Path directory;

    @Test
    void aGuestThatDisconnectsGoesOnSynchronouslyAndTheOtherGoesOnAsBefore() {
        StandaloneSettings settings =
                new StandaloneSettings(directory, StandaloneSettings.Ports.ANY, null, "memory", 8 << 20, 1 << 20);
        try (Standalone standalone = Standalone.start(settings, part -> {})) {
            CompletableFuture<ReplayResult> leaves = CompletableFuture.supplyAsync(
                    () -> replay(standalone, 1, new ReplaySettings.Interruption(FAULTS / 3, 0)));
            ReplayResult stays = replay(standalone, 2, ReplaySettings.Interruption.NONE);
            ReplayResult left = leaves.join();

            assertThat(left.brokenInvariants()).isEmpty();
            assertThat(left.syncReasons()).containsKey(SyncReason.DISABLED);
            assertThat(left.count(TerminalKind.FAILED)).isZero();
            assertThat(stays.brokenInvariants()).isEmpty();
            assertThat(stays.syncReasons()).doesNotContainKeys(SyncReason.DISABLED, SyncReason.NO_GUEST);
            assertThat(stays.count(TerminalKind.RESOLVED_READY)).isEqualTo(stays.tokensIssued());
        }
    }

    private static ReplayResult replay(Standalone standalone, long vmId, ReplaySettings.Interruption interruption) {
        ReplaySettings settings = ReplaySettings.of(Path.of("../loadtest/traces/memcached-swap.trace.gz"))
                .withServices(new ReplaySettings.Services(standalone.vcpuAddress(), standalone.notifierAddress()))
                .withVm(new ReplaySettings.Vm(vmId, 2, 1_024, PageSize.SIZE_4K))
                .withFaultsMax(FAULTS)
                .withInterruption(interruption);
        return new Replay(settings, ReplayProgress.NONE).run();
    }
}
