// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.access;

import io.faultline.proto.notifier.v1.GuestServiceGrpc;
import io.faultline.proto.notifier.v1.NotificationServiceGrpc;
import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.faultline.proto.vcpu.v1.FaultServiceGrpc;
import io.faultline.proto.vcpu.v1.VmServiceGrpc;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Who may call which service; docs/security.md shows the same table. What is not in it is an admin's. */
final class AccessRules {
    private static final Map<String, Set<Role>> BY_SERVICE = Map.of(
            FaultServiceGrpc.SERVICE_NAME,
            EnumSet.of(Role.CLIENT, Role.ADMIN),
            VmServiceGrpc.SERVICE_NAME,
            EnumSet.of(Role.CLIENT, Role.ADMIN),
            PageServiceGrpc.SERVICE_NAME,
            EnumSet.of(Role.VCPU_SERVICE, Role.ADMIN),
            NotificationServiceGrpc.SERVICE_NAME,
            EnumSet.of(Role.VCPU_SERVICE, Role.ADMIN),
            GuestServiceGrpc.SERVICE_NAME,
            EnumSet.of(Role.GUEST, Role.CLIENT, Role.ADMIN),
            HealthGrpc.SERVICE_NAME,
            EnumSet.allOf(Role.class),
            ServerReflectionGrpc.SERVICE_NAME,
            EnumSet.allOf(Role.class),
            // What grpcurl asks for first.
            "grpc.reflection.v1alpha.ServerReflection",
            EnumSet.allOf(Role.class));

    private static final Set<Role> OTHERS = EnumSet.of(Role.ADMIN);

    private AccessRules() {}

    /** Who may call a service's methods. */
    static Set<Role> of(@Nullable String service) {
        return BY_SERVICE.getOrDefault(Objects.requireNonNullElse(service, ""), OTHERS);
    }

    /** Why a caller may not call a method, as a sentence; null if he may. */
    static @Nullable String refusal(Caller caller, @Nullable String service, String method) {
        Set<Role> allowed = of(service);
        if (caller.role() == null || allowed.contains(caller.role())) {
            return null;
        }
        return "caller: " + caller + " calls " + method + " (expected: "
                + allowed.stream().map(Role::toString).collect(Collectors.joining(" or ")) + ")";
    }
}
