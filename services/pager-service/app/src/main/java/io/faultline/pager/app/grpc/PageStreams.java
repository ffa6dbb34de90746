// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.grpc;

import io.faultline.model.Tier;
import io.faultline.pager.app.host.Answers;
import io.faultline.pager.domain.PageAnswer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The open Exchange streams, by numbers that are not used again soon: an answer for a stream that is gone finds
 * nobody. Loop thread only.
 */
public final class PageStreams implements Answers {
    /** A number is a slot in its low bits and, above, how often the slot was used. */
    private static final int SLOT_BITS = 12;

    private final @Nullable PageStream[] slots;
    private final int[] numbers;
    private final long unsentMaxBytes;
    /* Written by the loop only. */
    private final AtomicLong unsentBytes = new AtomicLong();
    private final AtomicLong withheld = new AtomicLong();

    /**
     * Room for so many streams, at most 4,096.
     *
     * @param unsentMaxBytes how much all clients together may leave to be sent
     */
    public PageStreams(int streamsMax, long unsentMaxBytes) {
        this.unsentMaxBytes = unsentMaxBytes;
        slots = new PageStream[streamsMax];
        numbers = new int[streamsMax];
        Arrays.setAll(numbers, slot -> slot);
    }

    /** Opens a stream with a number of its own; null if there is no room. */
    @Nullable
    PageStream open(IntFunction<PageStream> factory) {
        for (int slot = 0; slot < slots.length; slot++) {
            if (slots[slot] == null) {
                numbers[slot] += 1 << SLOT_BITS;
                PageStream stream = factory.apply(numbers[slot]);
                slots[slot] = stream;
                return stream;
            }
        }
        return null;
    }

    void close(int number) {
        slots[slotOf(number)] = null;
    }

    void forEach(Consumer<PageStream> action) {
        for (PageStream stream : slots.clone()) {
            if (stream != null) {
                action.accept(stream);
            }
        }
    }

    /** More, or less, waits to be sent. */
    void unsent(long bytes) {
        unsentBytes.setRelease(unsentBytes.getPlain() + bytes);
    }

    /** Whether clients have left as much to be sent as they may. */
    boolean isFull() {
        return unsentBytes.getPlain() >= unsentMaxBytes;
    }

    /** What clients leave to be sent, in bytes; from any thread. */
    public long unsentBytes() {
        return unsentBytes.getAcquire();
    }

    /** Pages that were not sent to a client that left too much to be sent; from any thread. */
    public long withheld() {
        return withheld.getAcquire();
    }

    @Override
    public boolean answerData(int number, long requestId, Tier tier, int cell) {
        PageStream stream = find(number);
        if (stream == null) {
            return false;
        }
        if (stream.isLate()) {
            withheld.setRelease(withheld.getPlain() + 1);
            stream.answer(requestId, PageAnswer.UNAVAILABLE, Tier.NONE);
            return false;
        }
        stream.answerData(requestId, tier, cell);
        return true;
    }

    @Override
    public void answer(int number, long requestId, PageAnswer answer, Tier tier) {
        PageStream stream = find(number);
        if (stream != null) {
            stream.answer(requestId, answer, tier);
        }
    }

    private @Nullable PageStream find(int number) {
        int slot = slotOf(number);
        return numbers[slot] == number ? slots[slot] : null;
    }

    private static int slotOf(int number) {
        return number & (1 << SLOT_BITS) - 1;
    }
}
