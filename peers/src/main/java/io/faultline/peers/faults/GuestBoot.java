// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.faults;

import io.faultline.loadtest.grpc.VmClient;
import io.faultline.loadtest.guest.AsyncPfFunction;
import io.faultline.loadtest.trace.Memslot;
import io.faultline.model.AsyncPf;
import io.faultline.model.ControlWord;
import io.faultline.model.PageSize;
import io.faultline.peers.pages.PageSet;
import io.faultline.proto.notifier.v1.GuestCall;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Brings a guest up: writes its memory, attaches its vCPUs, takes the event, unmasks, enables asynchronous faults. What the
 * host would answer differently ends it. Loop thread only, but for {@link #register}.
 */
final class GuestBoot {
    private static final int WRITE_PAGES = 64;
    private static final int WRITES_IN_FLIGHT = 4;

    private final GuestSetting setting;
    private final VmClient vm;
    private final GuestVcpu[] vcpus;
    private final Consumer<GuestCall> send;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private boolean attachesOnly;
    private int pagesSent;
    private int pagesWritten;
    private int vcpusUp;

    GuestBoot(GuestSetting setting, ManagedChannel channel, GuestVcpu[] vcpus, Consumer<GuestCall> send) {
        this.setting = setting;
        this.vcpus = vcpus;
        this.send = send;
        vm = new VmClient(channel, setting.vmId());
    }

    /** Completes when the guest is up. */
    CompletableFuture<Void> done() {
        return done;
    }

    /** Registers the VM; blocks. */
    void register() {
        vm.register(
                List.of(
                        new Memslot(0, GuestSetting.BASE_GFN, setting.pages()),
                        new Memslot(1, GuestSetting.BASE_GFN + setting.pages(), setting.areaPages())),
                IntStream.range(0, setting.vcpus()).toArray(),
                setting.residentPages(),
                PageSize.SIZE_4K,
                0);
    }

    /** Begins with the memory. */
    void begin() {
        for (int i = 0; i < WRITES_IN_FLIGHT; i++) {
            writeNext();
        }
    }

    /** Attaches, and nothing else. */
    void attachOnly() {
        attachesOnly = true;
        attachAll();
    }

    private void writeNext() {
        int first = pagesSent;
        int count = Math.min(WRITE_PAGES, setting.pages() - first);
        if (count == 0) {
            return;
        }
        pagesSent += count;
        byte[] bytes = new byte[count * PageSet.PAGE_BYTES];
        for (int i = 0; i < count; i++) {
            PageSet.fill(first + i, MemorySegment.ofArray(bytes), (long) i * PageSet.PAGE_BYTES);
        }
        long ipa = (GuestSetting.BASE_GFN + first) * PageSet.PAGE_BYTES;
        vm.writeMemory(ipa, bytes, () -> written(count), this::failed);
    }

    private void written(int count) {
        pagesWritten += count;
        if (pagesWritten == setting.pages()) {
            attachAll();
        } else {
            writeNext();
        }
    }

    private void attachAll() {
        for (GuestVcpu vcpu : vcpus) {
            send.accept(vcpu.calls.attach(setting.vmId()));
        }
    }

    void attached(GuestVcpu vcpu) {
        if (attachesOnly) {
            up();
        } else {
            send.accept(vcpu.calls.register(AsyncPf.DEFAULT_SDEI_EVENT));
            send.accept(vcpu.calls.enable(AsyncPf.DEFAULT_SDEI_EVENT));
            send.accept(vcpu.calls.unmask());
        }
    }

    void returned(GuestVcpu vcpu, long callId, long result) {
        if (result < 0) {
            refused(vcpu, "call " + callId, result);
        } else if (callId == GuestCalls.UNMASK_ID) {
            vm.hypercall(
                    vcpu.id,
                    AsyncPfFunction.ENABLE,
                    setting.areaIpa(vcpu.id) | ControlWord.ENABLED,
                    enabled -> enabled(vcpu, enabled),
                    this::failed);
        } else if (callId == GuestCalls.WAKE_ALL_ID) {
            // Enabling wakes everybody; only once that is acknowledged does the next notification find room.
            up();
        }
    }

    private void enabled(GuestVcpu vcpu, long result) {
        if (result != 0) {
            refused(vcpu, "ENABLE", result);
        }
    }

    private void up() {
        if (++vcpusUp == vcpus.length) {
            done.complete(null);
        }
    }

    private void refused(GuestVcpu vcpu, String what, long result) {
        done.completeExceptionally(new IllegalStateException("vCPU " + vcpu.id + ": " + what + " returned " + result));
    }

    private void failed(Status status) {
        done.completeExceptionally(status.asRuntimeException());
    }
}
