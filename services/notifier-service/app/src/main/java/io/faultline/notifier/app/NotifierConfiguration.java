// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app;

import io.faultline.audit.AuditLog;
import io.faultline.audit.AuditSource;
import io.faultline.notifier.app.config.NotifierProperties;
import io.faultline.notifier.app.grpc.GuestEndpoint;
import io.faultline.notifier.app.grpc.NotificationEndpoint;
import io.faultline.notifier.app.metrics.NotificationTimers;
import io.faultline.notifier.app.metrics.NotifierMetrics;
import io.faultline.notifier.app.trace.CommandTraces;
import io.faultline.notifier.domain.AreaAccess;
import io.faultline.notifier.domain.NotificationMachine;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.StreamKind;
import io.faultline.rpc.StreamMeters;
import io.faultline.rpc.Turn;
import io.faultline.telemetry.trace.TraceQueue;
import io.grpc.protobuf.services.HealthStatusManager;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the service: one machine, vcpu-services on one side and guests on the other, all on one loop. */
@Configuration(proxyBeanMethods = false)
class NotifierConfiguration {
    @Bean
    AuditSource auditSource() {
        return new AuditSource("notifier-service");
    }

    @Bean
    StreamMeters streamMeters() {
        return new StreamMeters(StreamKind.NOTIFY, StreamKind.ATTACH);
    }

    @Bean
    NotificationTimers notificationTimers(ServiceLoop loop) {
        return new NotificationTimers(loop::nowNs);
    }

    @Bean
    CommandTraces commandTraces(ServiceLoop loop, TraceQueue queue) {
        return new CommandTraces(queue, loop::nowNs);
    }

    @Bean
    NotificationMachine notificationMachine(
            AuditLog audit, NotificationTimers timers, CommandTraces traces, NotifierProperties properties) {
        return new NotificationMachine(
                step -> {
                    audit.append(step);
                    timers.step(step);
                    traces.step(step);
                },
                AreaAccess.ADDRESSABLE,
                properties.vcpusMax());
    }

    @Bean
    NotificationEndpoint notificationEndpoint(
            NotificationMachine machine,
            Turn turn,
            GuestEndpoint guests,
            NotificationTimers timers,
            CommandTraces traces,
            NotificationEndpoint.Absence absence) {
        return new NotificationEndpoint(machine, turn, guests::resume, timers, traces, absence);
    }

    @Bean
    NotificationEndpoint.Absence absence(ServiceLoop loop, NotifierProperties properties) {
        long maxMs = properties.ownerAwayMaxMs();
        return new NotificationEndpoint.Absence(
                task -> loop.executeAfter(task, TimeUnit.MILLISECONDS.toNanos(maxMs)), maxMs);
    }

    @Bean
    GuestEndpoint guestEndpoint(NotificationMachine machine, Turn turn, NotifierProperties properties) {
        return new GuestEndpoint(machine, turn, properties.guestStreamsMax());
    }

    @Bean
    NotifierMetrics notifierMetrics(ServiceLoop loop, NotificationMachine machine) {
        return new NotifierMetrics(loop, machine);
    }

    @Bean
    GracefulEnd gracefulEnd(
            ServiceLoop loop,
            GuestEndpoint guests,
            NotificationEndpoint owners,
            ObjectProvider<HealthStatusManager> health,
            NotifierProperties properties) {
        return new GracefulEnd(loop, guests, owners, health, properties.drainMs());
    }
}
