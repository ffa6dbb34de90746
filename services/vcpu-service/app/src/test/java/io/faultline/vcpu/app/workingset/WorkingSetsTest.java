// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.workingset;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.Access;
import io.faultline.model.PageSize;
import io.faultline.model.Privilege;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.access.Caller;
import io.faultline.vcpu.app.host.HostedVm;
import io.faultline.vcpu.app.host.NoNotifications;
import io.faultline.vcpu.app.host.NoOutcomes;
import io.faultline.vcpu.app.host.Planes;
import io.faultline.vcpu.app.host.StuckTiers;
import io.faultline.vcpu.app.host.Vms;
import io.faultline.vcpu.domain.MachineSpec;
import io.faultline.vcpu.domain.Memslot;
import io.faultline.vcpu.domain.prefetch.WorkingSetBudget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class WorkingSetsTest {
    @TempDir
    Path directory;

    @AutoClose
    private final ServiceLoop loop = ServiceLoop.start("test");

    private final Vms vms = new Vms(1 << 20, 4, 100);
    private final WorkingSetBudget budget = new WorkingSetBudget(1_000, 1_000);
    private WorkingSetFiles files;
    private WorkingSets sets;

    @BeforeEach
    void open() {
        files = new WorkingSetFiles(directory);
        sets = new WorkingSets(loop, vms, budget, files);
    }

    /* What is written is there although the host dies: nothing here is told of an end. */
    @Test
    @Timeout(10)
    void whatHasGrownIsWrittenFromTimeToTimeAndNothingElse() {
        HostedVm vm = begin(7);
        begin(8);
        touch(vm, 3);
        sets.saveGrown();
        awaitSaved(1);
        sets.saveGrown();
        touch(vm, 1);
        touch(vm, 3);
        sets.saveGrown();
        awaitSaved(2);
        sets.saveGrown();
        sets.close();

        assertThat(sets.saved()).isEqualTo(2);
        assertThat(sets.failed()).isZero();
        WorkingSetFiles after = new WorkingSetFiles(directory);
        List<long[]> read = Collections.synchronizedList(new ArrayList<>());
        after.load(7, 12, read::add);
        after.load(8, 12, read::add);
        after.close();
        assertThat(read).as("that of VM 7 alone").containsExactly(new long[] {3, 1});
    }

    @Test
    @Timeout(10)
    void whatCouldNotBeWrittenIsWrittenTheNextTime() throws IOException {
        Path inTheWay = Files.createDirectories(directory.resolve("7.workingset/not-empty"));
        HostedVm vm = begin(7);
        touch(vm, 3);
        sets.saveGrown();
        while (sets.failed() < 2) {
            assertThat(Thread.interrupted()).as("timed out").isFalse();
            Thread.onSpinWait();
        }

        Files.delete(inTheWay);
        Files.delete(inTheWay.getParent());
        sets.saveGrown();
        sets.close();

        assertThat(sets.saved()).isEqualTo(1);
        assertThat(sets.failed()).isEqualTo(2);
    }

    @Test
    @Timeout(10)
    void aVmThatEndsIsWrittenOnceMoreIfItHasGrown() {
        HostedVm vm = begin(7);
        touch(vm, 3);
        sets.saveGrown();
        awaitSaved(1);
        sets.ends(vm);
        HostedVm other = begin(8);
        touch(other, 4);
        sets.ends(other);
        sets.close();

        assertThat(sets.saved()).isEqualTo(2);
    }

    @Test
    void withoutFilesNothingHappens() {
        WorkingSets off = new WorkingSets(loop, vms, budget, null);
        HostedVm vm = register(7);
        off.start();
        off.begun(vm);
        touch(vm, 3);
        off.saveGrown();
        off.ends(vm);
        off.close();

        assertThat(vm.machine().workingSetPages()).isZero();
        assertThat(off.saved() + off.loaded() + off.failed()).isZero();
        assertThat(budget.pagesFree()).isEqualTo(1_000);
        files.close();
    }

    private void awaitSaved(int count) {
        while (sets.saved() < count) {
            assertThat(Thread.interrupted()).as("timed out").isFalse();
            Thread.onSpinWait();
        }
    }

    private HostedVm begin(long id) {
        HostedVm vm = register(id);
        sets.begun(vm);
        return vm;
    }

    private HostedVm register(long id) {
        MachineSpec spec = new MachineSpec(
                id, List.of(new Memslot(0, 0, 64, false)), List.of(0), 64, PageSize.SIZE_4K, 1, 17, true, 1_000, 0, 1);
        Planes planes = new Planes(new NoOutcomes(), new StuckTiers(), new NoNotifications(), step -> {});
        return vms.register(spec, Caller.ANYONE, planes, () -> {}, 0);
    }

    private static void touch(HostedVm vm, long gfn) {
        Objects.requireNonNull(vm.machine().vcpu(0)).raise(gfn, gfn << 12, Access.READ, Privilege.USER, false, 0);
    }
}
