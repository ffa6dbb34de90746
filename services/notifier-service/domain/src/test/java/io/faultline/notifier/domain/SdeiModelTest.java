// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Tag;

/** Random calls and triggers through a PE and through {@link SdeiModel}: every answer and every dispatch agree. */
class SdeiModelTest {
    private static final int STEPS = 20_000;
    private static final int CRITICAL = 0x4040_0001;
    private static final int NORMAL = 0x4040_0002;
    private static final long[] NUMBERS = {SdeiEvent.SOFTWARE_SIGNALLED, CRITICAL, NORMAL, 0x7777};

    private final SdeiEvent signalled = new SdeiEvent(SdeiEvent.SOFTWARE_SIGNALLED, false);
    private final SdeiEvent critical = new SdeiEvent(CRITICAL, true);
    private final SdeiEvent normal = new SdeiEvent(NORMAL, false);
    private final SdeiPe pe = new SdeiPe(signalled, critical, normal);
    private final SdeiModel model = new SdeiModel();
    private final GuestCall call = new GuestCall();
    private int dispatched;
    private int nested;

    @Tag("H1")
    @Tag("H5")
    @Tag("H6")
    @Tag("H7")
    @RepeatedTest(10)
    void aPeAgreesWithTheProse(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        model.add(SdeiEvent.SOFTWARE_SIGNALLED, false);
        model.add(CRITICAL, true);
        model.add(NORMAL, false);

        for (int i = 0; i < STEPS; i++) {
            step(random);
            check();
        }

        assertThat(dispatched).as("dispatched").isGreaterThan(STEPS / 100);
        assertThat(nested).as("a critical handler on a normal one").isGreaterThan(10);
    }

    private void step(Random random) {
        long number = NUMBERS[random.nextInt(NUMBERS.length)];
        switch (random.nextInt(40)) {
            case 0, 1, 2, 3, 4 -> {
                long entry = random.nextInt(8) == 0 ? 0 : 0x1000;
                long flags = random.nextInt(8) == 0 ? random.nextInt(4) - 1 : 0;
                assertThat(answer(SdeiCalls.EVENT_REGISTER, number, entry, 0, flags))
                        .isEqualTo(model.register(number, entry, flags));
            }
            case 5, 6, 7, 8, 9 ->
                assertThat(answer(SdeiCalls.EVENT_ENABLE, number)).isEqualTo(model.enable(number, true));
            case 10 -> assertThat(answer(SdeiCalls.EVENT_DISABLE, number)).isEqualTo(model.enable(number, false));
            case 11 -> unregister(random, number);
            case 12 -> assertThat(answer(SdeiCalls.PE_MASK)).isEqualTo(model.mask());
            case 13, 14, 15, 16 -> assertThat(answer(SdeiCalls.PE_UNMASK)).isEqualTo(model.unmask());
            case 17, 18, 19, 20 -> assertThat(pe.signal()).isEqualTo(model.signal());
            case 21, 22, 23, 24, 25 -> trigger(random.nextBoolean() ? critical : normal);
            case 26, 27, 28, 29, 30, 31, 32 -> dispatch();
            default -> complete(random.nextBoolean() ? HandlerAction.COMPLETE : HandlerAction.COMPLETE_AND_RESUME);
        }
    }

    private void unregister(Random random, long number) {
        if (random.nextInt(4) == 0) {
            assertThat(answer(SdeiCalls.PRIVATE_RESET)).isEqualTo(model.reset());
        } else {
            assertThat(answer(SdeiCalls.EVENT_UNREGISTER, number)).isEqualTo(model.unregister(number));
        }
    }

    private void trigger(SdeiEvent event) {
        event.trigger();
        model.trigger(event.number());
    }

    private void dispatch() {
        SdeiEvent next = pe.dispatchable();
        long expected = model.dispatch();
        assertThat(next == null ? -1 : next.number()).as("I35: dispatched").isEqualTo(expected);
        if (next != null) {
            pe.dispatch(next);
            dispatched++;
            nested += pe.depth() - 1;
        }
    }

    private void complete(HandlerAction how) {
        SdeiEvent completed = pe.complete(how);
        assertThat(completed == null ? -1 : completed.number())
                .as("I39: completed")
                .isEqualTo(model.complete());
    }

    private void check() {
        assertThat(pe.depth()).isEqualTo(model.depth());
        for (long number : NUMBERS) {
            assertThat(answer(SdeiCalls.EVENT_STATUS, number)).as("state").isEqualTo(model.status(number));
            SdeiEvent event = pe.event(number);
            assertThat(event != null && event.isPending()).as("I36: pending").isEqualTo(model.isPending(number));
        }
    }

    private long answer(int function, long... arguments) {
        call.begin(0, 1, function);
        for (int i = 0; i < arguments.length; i++) {
            call.argument(i + 1, arguments[i]);
        }
        return SdeiCalls.answer(pe, call);
    }
}
