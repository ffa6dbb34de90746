// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.workingset;

import io.faultline.vcpu.domain.VirtualMachine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A directory of small files, one for each VM id, each replaced as a whole. One thread uses it; other processes may use it at
 * the same time.
 */
/*
 * A file is written beside its place, under a name that no other process uses, and renamed into it: whoever reads finds the
 * one before or the new one. It is not forced to the disk; what a power cut makes of it, its checksum finds out. What a
 * process left behind that died while it wrote is deleted once it is old enough to be nobody's work.
 */
final class WorkingSetDirectory {
    /** Files that are kept; of more, those that were written longest ago are deleted. */
    static final int FILES_MAX = 4_096;

    /** A file's size at most: a gfn takes six bytes. */
    static final int BYTES_MAX = 8 * VirtualMachine.WORKING_SET_PAGES_MAX;

    /** How many are left when files are deleted, so that this is seldom. */
    private static final int FILES_LEFT = FILES_MAX - FILES_MAX / 16;

    private static final String SUFFIX = ".workingset";
    private static final String PART_SUFFIX = SUFFIX + ".part";
    private static final long PART_AGE_MAX_MS = 60_000;
    private static final Pattern WHOLE = Pattern.compile("\\d{1,20}" + Pattern.quote(SUFFIX));
    private static final Pattern PART = Pattern.compile("\\d{1,20}-\\w+" + Pattern.quote(PART_SUFFIX));

    private final Path directory;
    private int files;

    WorkingSetDirectory(Path directory) {
        this.directory = directory;
    }

    /**
     * A file's bytes.
     *
     * @throws NoSuchFileException if there is none
     * @throws IOException if it cannot be read, is no regular file, or is too large
     */
    byte[] read(long vmId) throws IOException {
        Path file = file(vmId);
        // A pipe's opening would wait for a writer.
        if (!Files.readAttributes(file, BasicFileAttributes.class).isRegularFile()) {
            throw new IOException(file.getFileName() + ": not a regular file");
        }
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(BYTES_MAX + 1);
        }
        if (bytes.length > BYTES_MAX) {
            throw new IOException(file.getFileName() + ": more than " + BYTES_MAX + " bytes");
        }
        return bytes;
    }

    /** Makes the directory if it is not there, and looks what it holds. */
    void open() throws IOException {
        Files.createDirectories(directory);
        cleanUp();
    }

    /** Replaces a file, or makes it. */
    void write(long vmId, byte[] bytes) throws IOException {
        Files.createDirectories(directory);
        Path whole = file(vmId);
        Path part = Files.createTempFile(directory, Long.toUnsignedString(vmId) + "-", PART_SUFFIX);
        boolean isNew;
        try {
            Files.write(part, bytes);
            isNew = Files.notExists(whole);
            Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
        files += isNew ? 1 : 0;
    }

    /** Deletes what is too much. */
    void limit() throws IOException {
        if (files > FILES_MAX) {
            cleanUp();
        }
    }

    private void cleanUp() throws IOException {
        List<Written> wholes = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
            for (Path file : all) {
                lookAt(file, wholes);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        files = wholes.size();
        if (files > FILES_MAX) {
            wholes.sort(Comparator.comparingLong(Written::atMs));
            for (Written oldest : wholes.subList(0, wholes.size() - FILES_LEFT)) {
                Files.deleteIfExists(oldest.file);
                files--;
            }
        }
    }

    /* Whatever else lies here is not touched. Another process may delete a file meanwhile. */
    private static void lookAt(Path file, List<Written> wholes) throws IOException {
        String name = file.getFileName().toString();
        boolean isWhole = WHOLE.matcher(name).matches();
        if (!isWhole && !PART.matcher(name).matches()) {
            return;
        }
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            long atMs = attributes.lastModifiedTime().toMillis();
            if (isWhole && attributes.isRegularFile()) {
                wholes.add(new Written(file, atMs));
            } else if (!isWhole && System.currentTimeMillis() - atMs > PART_AGE_MAX_MS) {
                Files.deleteIfExists(file);
            }
        } catch (NoSuchFileException gone) {
            // Nothing to look at.
        }
    }

    private Path file(long vmId) {
        return directory.resolve(Long.toUnsignedString(vmId) + SUFFIX);
    }

    /** A file and when it was written. */
    private record Written(Path file, long atMs) {}
}
