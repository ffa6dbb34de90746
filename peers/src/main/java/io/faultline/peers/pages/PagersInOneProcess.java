// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.pages;

import io.faultline.pager.app.PagerService;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * A process of several pager-services with the same settings but for their ports and shadows. Arguments: the pages that
 * each has room for, then for each its port, and if it is not to have the default, {@code =} and its {@code shadow-pages}.
 */
public final class PagersInOneProcess {
    private static final long STORE_BYTES_MIN = 1 << 20;

    private PagersInOneProcess() {}

    /** The process's entry; it ends when it is told to. */
    public static void main(String[] arguments) throws InterruptedException {
        long bytes = Integer.parseInt(arguments[0]) * (long) PageSet.PAGE_BYTES;
        for (int i = 1; i < arguments.length; i++) {
            PagerService.start(settings(bytes, arguments[i].split("=", 2)));
        }
        new CountDownLatch(1).await();
    }

    private static String[] settings(long bytes, String[] portAndShadows) {
        List<String> settings = new ArrayList<>(List.of(
                "--spring.grpc.server.address=127.0.0.1",
                "--spring.grpc.server.port=" + portAndShadows[0],
                "--faultline.management.port=-1",
                "--faultline.pager.store=memory",
                "--faultline.pager.memory-store-max-bytes=" + Math.max(STORE_BYTES_MIN, bytes + bytes / 4),
                "--faultline.pager.dram-max-bytes=" + Math.max(STORE_BYTES_MIN, bytes + bytes / 4),
                "--faultline.pager.compressed-max-bytes=0"));
        if (portAndShadows.length > 1) {
            settings.add("--faultline.pager.shadow-pages=" + portAndShadows[1]);
        }
        return settings.toArray(String[]::new);
    }
}
