// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.grpc;

import io.faultline.model.Tier;
import io.faultline.pager.app.host.Answers;
import io.faultline.pager.domain.PageAnswer;
import java.util.Arrays;
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

    /** Room for so many streams, at most 4,096. */
    public PageStreams(int streamsMax) {
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

    @Override
    public boolean answerData(int number, long requestId, Tier tier, int cell) {
        PageStream stream = find(number);
        if (stream == null) {
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
