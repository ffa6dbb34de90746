// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

class GuestKernelModelTest {
    private static final int STEPS_MAX = 1_000_000;

    @RepeatedTest(100)
    void everyTaskFinishesWhateverTheHostDecides(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        ModelHost host = new ModelHost(random, 1 + random.nextInt(3));
        GuestKernel kernel = kernel(random, host);

        kernel.boot();
        run(kernel, host);

        assertFinished(kernel, host);
        assertThat(kernel.counters().faultsRetried()).isZero();
        assertThat(kernel.counters().notPresentRefused()).isZero();
        assertThat(kernel.counters().unknownTokens()).isZero();
        assertThat(kernel.counters().pageReadyHandled())
                .isEqualTo(kernel.counters().notPresentHandled());
    }

    @RepeatedTest(100)
    void everyTaskFinishesAlsoWhenTheConnectionBreaksAndComesBack(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        ModelHost host = new ModelHost(random, 1 + random.nextInt(3));
        GuestKernel kernel = kernel(random, host);

        kernel.boot();
        for (int life = 0; life < 3; life++) {
            run(kernel, host, random.nextInt(300));
            host.cut();
            run(kernel, host, random.nextInt(3));
            kernel.boot();
        }
        run(kernel, host);

        assertFinished(kernel, host);
    }

    private static GuestKernel kernel(Random random, ModelHost host) {
        int[][] accesses = new int[1 + random.nextInt(12)][];
        int access = 0;
        for (int task = 0; task < accesses.length; task++) {
            accesses[task] = new int[random.nextInt(40)];
            for (int i = 0; i < accesses[task].length; i++) {
                accesses[task][i] = access++;
            }
        }
        int[] vcpuIds = new int[host.vcpuCount()];
        for (int id = 0; id < vcpuIds.length; id++) {
            vcpuIds[id] = id;
        }
        GuestKernel kernel = new GuestKernel(host, vcpuIds, 0x4800_0000L, accesses);
        host.connect(kernel);
        return kernel;
    }

    private static void run(GuestKernel kernel, ModelHost host) {
        run(kernel, host, STEPS_MAX);
        kernel.run();
        run(kernel, host, STEPS_MAX);
    }

    private static void run(GuestKernel kernel, ModelHost host, int steps) {
        for (int step = 0; step < steps; step++) {
            if (!host.step()) {
                kernel.run();
                if (!host.step()) {
                    return;
                }
            }
        }
    }

    private static void assertFinished(GuestKernel kernel, ModelHost host) {
        assertThat(kernel.isFinished()).as(kernel.describe()).isTrue();
        assertThat(kernel.violations().messages()).isEmpty();
        assertThat(kernel.counters().faultsRaised()).isEqualTo(host.endedFaults());
    }
}
