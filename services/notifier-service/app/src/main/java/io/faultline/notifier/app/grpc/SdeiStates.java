// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.grpc;

import io.faultline.notifier.domain.CpuContext;
import io.faultline.notifier.domain.SdeiSnapshot;
import io.faultline.proto.notifier.v1.SdeiEventState;
import io.faultline.proto.notifier.v1.SdeiState;
import java.util.ArrayList;
import java.util.List;

/** SDEI state between the wire and the domain. Stateless. */
final class SdeiStates {
    private SdeiStates() {}

    static SdeiState toMessage(SdeiSnapshot snapshot) {
        SdeiState.Builder message =
                SdeiState.newBuilder().setPeMasked(snapshot.peMasked()).setAsyncPfEvent(snapshot.asyncPfEvent());
        for (SdeiSnapshot.Event event : snapshot.events()) {
            SdeiEventState.Builder state = message.addEventsBuilder()
                    .setEvent(event.number())
                    .setFlags(event.flags())
                    .setEntry(event.entry())
                    .setArgument(event.argument());
            CpuContext interrupted = event.interrupted();
            if (interrupted != null) {
                state.setInterrupted(CpuContexts.toMessage(interrupted));
            }
        }
        return message.build();
    }

    /**
     * A message's snapshot; whether there can be such a state, the domain says.
     *
     * @throws IllegalArgumentException for more registers than there are
     */
    static SdeiSnapshot toSnapshot(SdeiState message) {
        List<SdeiSnapshot.Event> events = new ArrayList<>();
        for (SdeiEventState event : message.getEventsList()) {
            CpuContext interrupted = null;
            if (event.hasInterrupted()) {
                int registers = event.getInterrupted().getXCount();
                if (registers > CpuContext.REGISTERS) {
                    throw new IllegalArgumentException("event " + Integer.toUnsignedString(event.getEvent()) + ": "
                            + registers + " registers (expected: at most " + CpuContext.REGISTERS + ")");
                }
                interrupted = new CpuContext();
                CpuContexts.copy(event.getInterrupted(), interrupted);
            }
            events.add(new SdeiSnapshot.Event(
                    event.getEvent(), event.getFlags(), event.getEntry(), event.getArgument(), interrupted));
        }
        return new SdeiSnapshot(message.getPeMasked(), message.getAsyncPfEvent(), events);
    }
}
