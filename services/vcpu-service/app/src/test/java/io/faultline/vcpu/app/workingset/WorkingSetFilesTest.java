// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.workingset;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class WorkingSetFilesTest {
    @TempDir
    Path directory;

    private final List<long[]> heard = Collections.synchronizedList(new ArrayList<>());

    @Test
    void aWorkingSetOutlivesTheProcess() {
        WorkingSetFiles before = new WorkingSetFiles(directory.resolve("of/sets"));
        before.save(7, 12, new long[] {3, 1, 2}, () -> {});
        before.close();
        WorkingSetFiles after = new WorkingSetFiles(directory.resolve("of/sets"));

        after.load(7, 12, heard::add);
        after.load(8, 12, heard::add);
        after.close();

        assertThat(heard).containsExactly(new long[] {3, 1, 2});
        assertThat(before.saved()).isEqualTo(1);
        assertThat(after.loaded()).isEqualTo(1);
        assertThat(after.failed()).isZero();
    }

    @Test
    void theLatestReplacesTheOneBeforeAndLeavesNothingElse() throws IOException {
        WorkingSetFiles files = new WorkingSetFiles(directory);
        files.save(7, 12, new long[] {3, 1, 2}, () -> {});
        files.save(7, 12, new long[] {5}, () -> {});
        files.save(7, 12, new long[0], () -> {});
        files.load(7, 12, heard::add);
        files.close();

        assertThat(heard).containsExactly(new long[] {5});
        try (Stream<Path> all = Files.list(directory)) {
            assertThat(all).containsExactly(directory.resolve("7.workingset"));
        }
    }

    @Test
    void whatCannotBeReadIsCountedAndLeftOutAndReplaced() throws IOException {
        Files.write(directory.resolve("7.workingset"), new byte[100]);
        Files.createDirectory(directory.resolve("8.workingset"));
        Files.write(directory.resolve("9.workingset"), new byte[0]);
        WorkingSetFiles files = new WorkingSetFiles(directory);

        files.load(7, 12, heard::add);
        files.load(8, 12, heard::add);
        files.load(9, 12, heard::add);
        files.save(7, 12, new long[] {1}, () -> {});
        files.load(7, 12, heard::add);
        files.close();

        assertThat(heard).containsExactly(new long[] {1});
        assertThat(files.failed()).isEqualTo(3);
    }

    @Test
    @Timeout(10)
    void whatCannotBeWrittenIsCountedAndTheNextIsTriedAgain() throws IOException {
        Path sets = directory.resolve("sets");
        Files.write(sets, new byte[1]);
        Path other = Files.createDirectory(directory.resolve("other"));
        WorkingSetFiles files = new WorkingSetFiles(sets);
        files.save(7, 12, new long[] {1}, () -> {});
        while (files.failed() < 1) {
            assertThat(Thread.interrupted()).as("timed out").isFalse();
            Thread.onSpinWait();
        }
        assertThat(files.saved()).isZero();

        Files.delete(sets);
        Files.move(other, sets);
        files.save(7, 12, new long[] {2}, () -> {});
        files.load(7, 12, heard::add);
        files.close();

        assertThat(heard).containsExactly(new long[] {2});
        assertThat(files.saved()).isEqualTo(1);
        assertThat(files.failed()).isEqualTo(1);
    }

    @Test
    void afterTheEndNothingIsCarriedOutAndAllIsCounted() throws IOException {
        WorkingSetFiles files = new WorkingSetFiles(directory);
        files.close();

        files.save(7, 12, new long[] {1}, () -> {});
        files.load(7, 12, heard::add);

        assertThat(files.failed()).isEqualTo(2);
        try (Stream<Path> all = Files.list(directory)) {
            assertThat(all).isEmpty();
        }
    }

    @Test
    void whatWaitsForASlowDiskIsBounded() throws Exception {
        CountDownLatch slow = new CountDownLatch(1);
        WorkingSetFiles files = new WorkingSetFiles(directory);
        files.save(1, 12, new long[] {1}, () -> {});
        CountDownLatch isSlow = new CountDownLatch(1);
        files.load(1, 12, _ -> {
            isSlow.countDown();
            awaitUninterruptibly(slow);
        });
        isSlow.await();
        long[] half = new long[WorkingSetFiles.PAGES_QUEUED_MAX / 2];
        for (int vm = 2; vm < 6; vm++) {
            files.save(vm, 12, half, () -> {});
        }
        assertThat(files.failed()).as("by their pages").isEqualTo(2);
        for (int load = 0; load < 2 * WorkingSetFiles.QUEUE_MAX; load++) {
            files.load(99, 12, heard::add);
        }
        assertThat(files.failed()).as("by their number").isGreaterThan(WorkingSetFiles.QUEUE_MAX);

        slow.countDown();
        files.close();

        assertThat(files.saved()).isEqualTo(3);
    }

    @Test
    void aReaderThatFailsDoesNotEndTheFiles() {
        WorkingSetFiles files = new WorkingSetFiles(directory);
        files.save(7, 12, new long[] {1}, () -> {});
        files.load(7, 12, _ -> {
            throw new IllegalStateException("the service's loop has ended");
        });
        files.load(7, 12, heard::add);
        files.close();

        assertThat(heard).hasSize(1);
        assertThat(files.failed()).isEqualTo(1);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
