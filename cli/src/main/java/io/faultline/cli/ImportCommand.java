// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import io.faultline.proto.vcpu.v1.ImportMemoryBegin;
import io.faultline.proto.vcpu.v1.ImportMemoryResponse;
import io.faultline.rpc.Channels;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.Statuses;
import io.faultline.rpc.tls.TlsOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Brings a memory image into a registered VM. One use. */
@Command(
        name = "import",
        description = {
            "Brings a memory image into a registered VM, straight into the swap store.",
            "The image is a raw file of the VM's memslots, by address, one after the other. Pages of zeros are not stored,"
                    + " pages with the same bytes are stored once. Afterwards every other page is swapped out, and comes when"
                    + " the guest touches it."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every page is in",
            "1:a page could not be brought in; each page is imported or as it was",
            "2:the image, the VM or an option cannot be used",
            "3:vcpu-service cannot be reached"
        })
final class ImportCommand implements Callable<Integer> {
    private static final int IMPORTED = 0;
    private static final int NOT_IMPORTED = 1;
    private static final int BAD_INPUT = 2;
    private static final int NO_CONNECTION = 3;
    private static final long PROGRESS_INTERVAL_MS = 1_000;

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private CommandSpec spec;

    @Option(names = "--vm", paramLabel = "ID", required = true, description = "The VM's id")
    private long vmId;

    @Option(names = "--image", paramLabel = "FILE", required = true, description = "The image")
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private Path file;

    @Option(names = "--vcpu", paramLabel = "HOST:PORT", description = "vcpu-service (default: ${DEFAULT-VALUE})")
    private String vcpuAddress = "127.0.0.1:7001";

    @Mixin
    private final TlsOptions tls = new TlsOptions();

    @Option(
            names = "--replace",
            description = "Replace what pages hold already; without it, a page that is not zeros stops the import")
    private boolean replaces;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the result there as a JSON object too")
    private @Nullable Path json;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        try (FileChannel image = FileChannel.open(file);
                ServiceLoop loop = ServiceLoop.start("import")) {
            Channels.requireHostAndPort(vcpuAddress);
            return upload(
                    image, Channels.connect(loop, vcpuAddress, tls.credentials().toward("vcpu-service")));
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage());
            return BAD_INPUT;
        } catch (IOException e) {
            err.println(file + " cannot be read: " + e.getMessage());
            return BAD_INPUT;
        }
    }

    private int upload(FileChannel image, ManagedChannel channel) throws IOException, InterruptedException {
        ImportMemoryBegin begin = ImportMemoryBegin.newBuilder()
                .setVmId(vmId)
                .setImageBytes(image.size())
                .setReplace(replaces)
                .build();
        long beganNs = System.nanoTime();
        ImageUpload upload = ImageUpload.start(channel, image, begin);
        try {
            ImportMemoryResponse response = await(upload, begin.getImageBytes());
            return report(response, begin.getImageBytes(), (System.nanoTime() - beganNs) / 1e9);
        } catch (ExecutionException e) {
            return explain(e.getCause() == null ? e : e.getCause(), upload);
        } finally {
            upload.cancel();
            channel.shutdownNow();
        }
    }

    private ImportMemoryResponse await(ImageUpload upload, long imageBytes)
            throws ExecutionException, InterruptedException {
        while (true) {
            try {
                return upload.end().get(PROGRESS_INTERVAL_MS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                spec.commandLine()
                        .getErr()
                        .printf(
                                "importing %3.0f %%  %,d of %,d MiB%n",
                                100.0 * upload.sentBytes() / Math.max(1, imageBytes),
                                upload.sentBytes() >> 20,
                                imageBytes >> 20);
            }
        }
    }

    private int report(ImportMemoryResponse response, long imageBytes, double seconds) {
        long pages = response.getStoredPages() + response.getZeroPages() + response.getDuplicatePages();
        long pageBytes = imageBytes / pages;
        PrintWriter out = spec.commandLine().getOut();
        out.printf("VM %s: %,d pages of %,d bytes%n", Long.toUnsignedString(vmId), pages, pageBytes);
        out.printf("  zero       %,12d%n", response.getZeroPages());
        out.printf("  duplicate  %,12d%n", response.getDuplicatePages());
        out.printf("  stored     %,12d  %,d bytes%n", response.getStoredPages(), response.getStoredPages() * pageBytes);
        out.printf("%.1f s, %,.0f pages/s%n", seconds, pages / seconds);
        out.flush();
        return writeJson(response, imageBytes, seconds);
    }

    private int writeJson(ImportMemoryResponse response, long imageBytes, double seconds) {
        if (json == null) {
            return IMPORTED;
        }
        long pages = response.getStoredPages() + response.getZeroPages() + response.getDuplicatePages();
        JsonObject result = new JsonObject();
        result.addProperty("vm", Long.toUnsignedString(vmId));
        result.addProperty("image", file.toString());
        result.addProperty("image_bytes", imageBytes);
        result.addProperty("pages", pages);
        result.addProperty("zero", response.getZeroPages());
        result.addProperty("duplicates", response.getDuplicatePages());
        result.addProperty("stored", response.getStoredPages());
        result.addProperty("stored_bytes", response.getStoredPages() * (imageBytes / pages));
        result.addProperty("seconds", seconds);
        result.addProperty("pages_per_s", pages / seconds);
        try {
            Files.writeString(
                    json, new GsonBuilder().setPrettyPrinting().create().toJson(result) + "\n");
            return IMPORTED;
        } catch (IOException e) {
            spec.commandLine().getErr().println(json + " cannot be written: " + e.getMessage());
            return BAD_INPUT;
        }
    }

    private int explain(Throwable failure, ImageUpload upload) throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        if (failure instanceof IOException unreadable) {
            throw unreadable;
        }
        if (!(failure instanceof StatusRuntimeException refusal)) {
            throw new IllegalStateException(failure);
        }
        String sentence = Statuses.describe(refusal.getStatus());
        if (!upload.isConnected()) {
            err.println("vcpu-service at " + vcpuAddress + " cannot be reached: " + sentence);
            return NO_CONNECTION;
        }
        err.println("VM " + Long.toUnsignedString(vmId) + " was not imported in full: " + sentence);
        Status.Code code = refusal.getStatus().getCode();
        return code == Status.Code.INVALID_ARGUMENT || code == Status.Code.NOT_FOUND ? BAD_INPUT : NOT_IMPORTED;
    }
}
