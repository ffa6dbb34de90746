// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.grpc;

import io.faultline.notifier.app.metrics.NotificationTimers;
import io.faultline.notifier.app.trace.CommandTraces;
import io.faultline.notifier.domain.NotificationMachine;
import io.faultline.rpc.Turn;
import io.faultline.rpc.access.Access;
import io.faultline.telemetry.trace.TraceQueue;
import io.grpc.Server;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The two endpoints of one machine, which trace nothing.
 *
 * @param owners for vcpu-services
 * @param guests for guests
 */
record Endpoints(NotificationEndpoint owners, GuestEndpoint guests) {
    static Endpoints of(NotificationMachine machine, Turn turn, int guestsMax) {
        GuestEndpoint guests = new GuestEndpoint(machine, turn, guestsMax);
        NotificationEndpoint owners = new NotificationEndpoint(
                machine,
                turn,
                guests::resume,
                new NotificationTimers(() -> 0),
                new CommandTraces(TraceQueue.off(), () -> 0),
                new NotificationEndpoint.Absence(task -> {}, 1));
        return new Endpoints(owners, guests);
    }

    /** Starts a server with both. */
    Server serve(InProcessServerBuilder builder) {
        Access.on(builder, false);
        try {
            return builder.addService(owners).addService(guests).build().start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
