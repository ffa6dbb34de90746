// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.soak.loss.LossResult;
import io.faultline.soak.loss.Losses;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One of the losses that {@code faultline losses} tries; the command has all of them, and takes minutes. */
class LossesIT {
    @TempDir
    private Path directory;

    @Test
    void guestsOutliveTheirNotifierAndAreWokenWhenItIsBack() throws IOException, InterruptedException {
        Losses losses = new Losses(Path.of(".."), directory, new Losses.Listener() {
            @Override
            public void begins(String what) {}

            @Override
            public void ended(LossResult result) {}
        });

        List<LossResult> results = losses.run(List.of("notifier-kill"));

        assertThat(results).singleElement().satisfies(result -> {
            assertThat(result.broken()).isEmpty();
            assertThat(result.hasHeld()).isTrue();
        });
    }
}
