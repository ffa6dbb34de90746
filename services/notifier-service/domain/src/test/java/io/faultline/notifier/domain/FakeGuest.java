// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import java.util.ArrayList;
import java.util.List;

/** A guest that writes down the events it gets. */
final class FakeGuest implements GuestPort {
    private final List<String> events = new ArrayList<>();
    private final CpuContext context = new CpuContext();
    private long lastResult;
    private long lastEntry;
    private boolean writable = true;

    final GuestSession session;

    FakeGuest(NotificationMachine machine) {
        session = machine.connect(this);
    }

    @Override
    public void event(HostEvent event) {
        lastEntry = event.entry();
        if (event.context() != null) {
            context.copyFrom(event.context());
        }
        switch (event.kind()) {
            case RESULT -> lastResult = event.result();
            case SDEI_EVENT ->
                events.add("SDEI_EVENT " + (event.event() == SdeiEvent.SOFTWARE_SIGNALLED ? "0 " : "")
                        + Rig.text(event.reason(), event.token()));
            case INTERRUPT ->
                events.add("INTERRUPT " + event.interrupt() + " " + Rig.text(event.reason(), event.token()));
            case NONE, ATTACHED, RESUMED, DETACHED -> events.add(event.kind().name());
        }
    }

    @Override
    public boolean isWritable() {
        return writable;
    }

    void congested(boolean congested) {
        writable = !congested;
        if (writable) {
            session.writable();
        }
    }

    long resultOf(GuestCall call) {
        lastResult = Long.MIN_VALUE;
        session.sdeiCall(call);
        return lastResult;
    }

    /** The events since the last look, without results. */
    List<String> events() {
        List<String> seen = List.copyOf(events);
        events.clear();
        return seen;
    }

    long lastResult() {
        return lastResult;
    }

    long lastEntry() {
        return lastEntry;
    }

    CpuContext lastContext() {
        return context;
    }
}
