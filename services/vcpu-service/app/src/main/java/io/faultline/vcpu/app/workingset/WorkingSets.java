// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.workingset;

import io.faultline.rpc.ServiceLoop;
import io.faultline.vcpu.app.host.HostedVm;
import io.faultline.vcpu.app.host.Vms;
import io.faultline.vcpu.domain.prefetch.WorkingSetBudget;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets VMs remember what they touch, and tells them when they begin what they touched in their last life; or does nothing.
 * Loop thread only, but for the counts and the end.
 */
/*
 * A working set is written when its VM ends, and every minute in which it has grown: a host that dies has told nobody, and its
 * VMs are those that start again soonest.
 */
public final class WorkingSets implements AutoCloseable {
    private static final long SAVE_NS = TimeUnit.MINUTES.toNanos(1);

    private final ServiceLoop loop;
    private final Vms vms;
    private final WorkingSetBudget budget;
    private final @Nullable WorkingSetFiles files;
    private boolean stopped;

    /** Working sets in files; null for none. */
    public WorkingSets(ServiceLoop loop, Vms vms, WorkingSetBudget budget, @Nullable WorkingSetFiles files) {
        this.loop = loop;
        this.vms = vms;
        this.budget = budget;
        this.files = files;
    }

    /** Begins to write what has grown, from time to time. */
    public void start() {
        if (files != null && !stopped) {
            loop.executeAfter(this::saveGrown, SAVE_NS);
        }
    }

    /** Ends that for good. */
    public void stop() {
        stopped = true;
    }

    /** A VM begins. */
    public void begun(HostedVm vm) {
        WorkingSetFiles from = files;
        if (from == null) {
            return;
        }
        vm.machine().rememberWorkingSet(budget);
        from.load(
                vm.id(),
                pageShift(vm),
                gfns -> loop.execute(() -> {
                    if (!vm.isClosed()) {
                        vm.machine().expectWorkingSet(gfns);
                    }
                }));
    }

    /** A VM is about to end. */
    public void ends(HostedVm vm) {
        save(vm);
    }

    /** Working sets written. */
    public long saved() {
        return files == null ? 0 : files.saved();
    }

    /** Working sets read. */
    public long loaded() {
        return files == null ? 0 : files.loaded();
    }

    /** Working sets that could not be read or written. */
    public long failed() {
        return files == null ? 0 : files.failed();
    }

    /** Writes what is left; blocks for a bounded time, so not on the loop. */
    @Override
    public void close() {
        if (files != null) {
            files.close();
        }
    }

    void saveGrown() {
        if (!stopped) {
            vms.all().forEach(this::save);
            start();
        }
    }

    private void save(HostedVm vm) {
        WorkingSetFiles into = files;
        int pages = vm.machine().workingSetPages();
        if (into != null && pages > vm.workingSetPagesSaved()) {
            into.save(vm.id(), pageShift(vm), vm.machine().workingSet(), () -> vm.workingSetSaved(pages));
        }
    }

    private static int pageShift(HostedVm vm) {
        return vm.spec().pageSize().shift();
    }
}
