// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.host;

import io.faultline.rpc.ServiceLoop;
import java.security.SecureRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The imports of memory images that are under way, so many at a time and no more, and the thread that looks at their pages
 * beside the loop. Loop thread only.
 */
public final class MemoryImports implements AutoCloseable {
    /** How many are carried out at a time. */
    public static final int IMPORTS_MAX = 2;

    private static final int SECRET_BYTES = 32;

    /* At most IMPORTS_MAX times MemoryImport.CHUNKS_MAX tasks wait for it. */
    private final ExecutorService scanner = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("vcpu-image-scanner").factory());
    private final SecureRandom random = new SecureRandom();
    private final ServiceLoop loop;
    private final PageTiers tiers;
    private int underWay;

    /** No imports yet. */
    public MemoryImports(ServiceLoop loop, PageTiers tiers) {
        this.loop = loop;
        this.tiers = tiers;
    }

    /** Whether one more may begin. */
    public boolean hasRoom() {
        return underWay < IMPORTS_MAX;
    }

    /**
     * Begins to bring an image into a VM that no other is brought into.
     *
     * @param imageBytes the image's length, whole pages
     * @param replaces whether pages that hold something may be replaced
     * @throws IllegalStateException if there is no room, or another import of that VM
     */
    public MemoryImport begin(HostedVm vm, long imageBytes, boolean replaces, MemoryImport.Listener listener) {
        if (!hasRoom() || vm.isImporting()) {
            throw new IllegalStateException("imports: " + underWay + ", of VM " + vm.id() + " too: " + vm.isImporting()
                    + " (expected: fewer than " + IMPORTS_MAX + ", and no other of the VM)");
        }
        underWay++;
        MemoryImport memoryImport = new MemoryImport(this, vm, new ImageLayout(vm, imageBytes), replaces, listener);
        vm.begin(memoryImport);
        return memoryImport;
    }

    /** An import is over, and nothing of it is under way any more. */
    void ended(HostedVm vm) {
        underWay--;
        vm.importEnded();
    }

    /** What nobody who could have written an image knows. */
    byte[] newSecret() {
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        return secret;
    }

    ServiceLoop loop() {
        return loop;
    }

    PageTiers tiers() {
        return tiers;
    }

    ExecutorService scanner() {
        return scanner;
    }

    /** Ends the thread; from any thread. */
    @Override
    public void close() {
        scanner.shutdownNow();
    }
}
