// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class OutsideToolTest {
    @Test
    void aToolOnThePathIsFound() {
        assertThat(new OutsideTool("ls", "coreutils").require()).isExecutable();
    }

    @Test
    void aMissingToolEndsTheTestAndSaysHowToGetIt() {
        OutsideTool missing = new OutsideTool("no-such-command", "no-such-package");

        assertThatThrownBy(missing::require)
                .hasMessageContaining("no-such-command is not on the PATH")
                .hasMessageContaining("apt-get install no-such-package");
    }
}
