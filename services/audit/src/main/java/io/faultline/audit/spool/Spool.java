// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.spool;

import io.faultline.audit.spool.SegmentFormat.Head;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bounded queue of blocks on disk that outlives the process. Entries are appended at one end and read in their order;
 * a segment's file is deleted when its last entry has been acknowledged, so that what a process leaves behind, and a
 * little of what was acknowledged before, is read by the next one. Owned by the publishing thread; the counts may be
 * read by any.
 */
public final class Spool implements SpoolCounts, AutoCloseable {
    /*
     * What append returned true for is in the page cache: it survives the process, however that ends. A segment is
     * forced to disk when it is full and when the spool is closed; a machine that loses power may lose what came after.
     */
    private static final Logger LOG = LoggerFactory.getLogger(Spool.class);
    private static final long SEGMENT_BYTES_MAX = 4 << 20;
    /** A spool is so many segments at least: a segment is the least that can be deleted. */
    private static final int SEGMENTS_MIN = 8;
    /** A disk that refused is asked again after this. */
    private static final long RETRY_US = TimeUnit.SECONDS.toMicros(1);

    private final SpoolDirectory directory;
    private final Life life;
    private final long maxBytes;
    private final SpoolOutput.Opener opener;
    private final ArrayDeque<Segment> segments = new ArrayDeque<>();

    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong spooledSteps = new AtomicLong();
    private final AtomicLong waitingSteps = new AtomicLong();
    private final AtomicLong lostSteps = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong oldestUs = new AtomicLong();

    private long nextSequence = 1;
    private long readSequence;
    private long acknowledgedSequence;
    private @Nullable Segment readSegment;
    private @Nullable SegmentReader reader;
    private boolean failing;
    private boolean full;
    private long retryAtUs = Long.MIN_VALUE;

    private Spool(SpoolDirectory directory, long maxBytes, Life life, SpoolOutput.Opener opener) {
        this.directory = directory;
        this.life = life;
        this.maxBytes = maxBytes;
        this.opener = opener;
    }

    /**
     * Opens the spool in that directory, with what an earlier life left in it.
     *
     * @param directory created if need be
     * @param maxBytes how many bytes its files may have together
     * @param life whose blocks are appended
     * @throws SpoolException if the directory cannot be used, or another service uses it
     */
    public static Spool open(Path directory, long maxBytes, Life life) {
        return open(directory, maxBytes, life, SpoolOutput::file);
    }

    static Spool open(Path directory, long maxBytes, Life life, SpoolOutput.Opener opener) {
        SpoolDirectory held = SpoolDirectory.open(directory);
        Spool spool = new Spool(held, maxBytes, life, opener);
        try {
            spool.recover();
            return spool;
        } catch (IOException e) {
            spool.close();
            throw new SpoolException("the audit spool " + directory + " cannot be read: " + e, e);
        }
    }

    private void recover() throws IOException {
        for (Path path : directory.segments()) {
            long length = Files.size(path);
            Segment segment = Segment.recover(path);
            if (segment == null && length > 0) {
                Path aside = path.resolveSibling(path.getFileName() + ".damaged");
                Files.move(path, aside, StandardCopyOption.REPLACE_EXISTING);
                LOG.error("{} is no segment of an audit spool: it is kept as {} and not published", path, aside);
            } else if (segment == null || segment.isEmpty()) {
                // Its life ended before the first entry was whole.
                Files.delete(path);
            } else {
                if (segment.bytes < length) {
                    LOG.warn("{} ended in the middle of an entry: {} bytes are cut", path, length - segment.bytes);
                }
                segments.add(segment);
                bytes.addAndGet(segment.bytes);
                waitingSteps.addAndGet(segment.stepsLeft);
                nextSequence = segment.lastSequence + 1;
            }
        }
        acknowledgedSequence = segments.isEmpty() ? nextSequence - 1 : 0;
        readSequence = acknowledgedSequence;
        noteOldest();
        if (!segments.isEmpty()) {
            LOG.info("{} steps of the audit trail wait in {} since an earlier life", waitingSteps, directory.path());
        }
    }

    /**
     * Appends a block; false if the disk or the bound has no room for it, and then nothing has changed.
     *
     * @param nowUs the time; a disk that refused is not asked again for a second
     */
    public boolean append(Block block, long nowUs) {
        if (nowUs < retryAtUs) {
            return false;
        }
        int length = SegmentFormat.entryBytes(block);
        if (bytes.get() + length + SegmentFormat.HEAD_BYTES_MAX > maxBytes) {
            if (!full) {
                LOG.error("the audit spool {} is full with {} bytes: steps are lost", directory.path(), bytes);
            }
            full = true;
            return false;
        }
        try {
            Segment segment = writable(length);
            segment.append(nextSequence, block);
        } catch (IOException e) {
            failed("be written", e);
            retryAtUs = nowUs + RETRY_US;
            return false;
        }
        nextSequence++;
        bytes.addAndGet(length);
        spooledSteps.addAndGet(block.steps());
        waitingSteps.addAndGet(block.steps());
        noteOldest();
        if (failing || full) {
            LOG.info("the audit spool {} takes steps again", directory.path());
        }
        failing = false;
        full = false;
        return true;
    }

    private Segment writable(int length) throws IOException {
        Segment last = segments.peekLast();
        long segmentBytes = Math.min(SEGMENT_BYTES_MAX, maxBytes / SEGMENTS_MIN);
        if (last != null && last.isOpen()) {
            if (last.bytes + length <= segmentBytes) {
                return last;
            }
            last.seal();
        }
        Path path = directory.segment(nextSequence);
        Segment made = Segment.create(path, new Head(life, nextSequence), opener);
        segments.add(made);
        bytes.addAndGet(made.bytes);
        return made;
    }

    /** Whether {@link #next} has something. */
    public boolean hasUnread() {
        return readSequence < nextSequence - 1;
    }

    /** The oldest entry that was not read yet; null if there is none, or none that is intact. */
    public @Nullable SpoolEntry next() {
        for (Segment segment : segments) {
            while (segment.lastSequence > readSequence) {
                SpoolEntry entry = read(segment);
                if (entry == null) {
                    cut(segment);
                } else if (entry.sequence() > readSequence) {
                    readSequence = entry.sequence();
                    return entry;
                }
            }
        }
        readSequence = nextSequence - 1;
        deleteAcknowledged();
        return null;
    }

    private @Nullable SpoolEntry read(Segment segment) {
        try {
            SegmentReader from = reader;
            if (from == null || readSegment != segment) {
                closeReader();
                from = SegmentReader.open(segment.path);
                reader = from;
                readSegment = segment;
            }
            return from.next(segment.bytes);
        } catch (IOException e) {
            failed("be read", e);
            return null;
        }
    }

    /** What follows in the segment is damaged: its steps are lost, and a later segment goes on. */
    private void cut(Segment segment) {
        LOG.error("{} is damaged behind entry {}: the rest of it is lost", segment.path, readSequence);
        segment.lastSequence = readSequence;
        try {
            segment.seal();
        } catch (IOException e) {
            failed("be written", e);
        }
    }

    /** Says that the entry is read already: it was handed to the broker before it was spooled. */
    public void skip() {
        readSequence = nextSequence - 1;
    }

    /** Reads again from the oldest entry that is not acknowledged. */
    public void rewind() {
        closeReader();
        readSequence = acknowledgedSequence;
    }

    /** The broker has this entry, and every one before it was acknowledged or lost. */
    public void acknowledge(long sequence, int steps, long firstUs) {
        acknowledgedSequence = sequence;
        for (Segment segment : segments) {
            if (segment.lastSequence >= sequence) {
                segment.stepsLeft -= steps;
                segment.oldestUs = firstUs;
                waitingSteps.addAndGet(-steps);
                break;
            }
        }
        deleteAcknowledged();
    }

    private void deleteAcknowledged() {
        while (!segments.isEmpty() && segments.getFirst().lastSequence <= acknowledgedSequence) {
            Segment first = segments.removeFirst();
            try {
                if (readSegment == first) {
                    closeReader();
                }
                first.seal();
                Files.delete(first.path);
            } catch (IOException e) {
                failed("be deleted", e);
            }
            bytes.addAndGet(-first.bytes);
            waitingSteps.addAndGet(-first.stepsLeft);
            if (first.life.equals(life)) {
                lostSteps.addAndGet(first.stepsLeft);
            }
        }
        noteOldest();
    }

    private void noteOldest() {
        Segment first = segments.peekFirst();
        oldestUs.set(first == null ? 0 : first.oldestUs);
    }

    private void failed(String what, IOException why) {
        failures.incrementAndGet();
        if (!failing) {
            LOG.error("the audit spool {} cannot {}: {}", directory.path(), what, String.valueOf(why));
        }
        failing = true;
    }

    private void closeReader() {
        SegmentReader open = reader;
        reader = null;
        readSegment = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                failed("be read", e);
            }
        }
    }

    /** The place that the next entry gets. */
    public long nextSequence() {
        return nextSequence;
    }

    /** Where the spool is. */
    public Path path() {
        return directory.path();
    }

    /** Steps of this life that were in the spool and could not be read back. */
    public long lostSteps() {
        return lostSteps.get();
    }

    @Override
    public long bytes() {
        return bytes.get();
    }

    @Override
    public long limitBytes() {
        return maxBytes;
    }

    @Override
    public long spooledSteps() {
        return spooledSteps.get();
    }

    @Override
    public long waitingSteps() {
        return waitingSteps.get();
    }

    @Override
    public long failures() {
        return failures.get();
    }

    @Override
    public long oldestUs() {
        return oldestUs.get();
    }

    /** Ends the writing, once the disk has what was written, and gives the directory free. */
    @Override
    public void close() {
        closeReader();
        try {
            for (Segment segment : segments) {
                segment.seal();
            }
        } catch (IOException e) {
            failed("be closed", e);
        } finally {
            directory.close();
        }
    }
}
