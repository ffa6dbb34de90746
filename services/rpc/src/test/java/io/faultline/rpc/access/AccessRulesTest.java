// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.notifier.v1.GuestServiceGrpc;
import io.faultline.proto.notifier.v1.NotificationServiceGrpc;
import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.faultline.proto.vcpu.v1.FaultServiceGrpc;
import io.faultline.proto.vcpu.v1.VmServiceGrpc;
import io.faultline.rpc.tls.Identity;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessRulesTest {
    private static final List<String> CALLERS =
            List.of("client/a", "vm/7", "service/vcpu-service", "service/pager-service", "admin/root");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            faultline.vcpu.v1.FaultService            | client/a admin/root
            faultline.vcpu.v1.VmService               | client/a admin/root
            faultline.pager.v1.PageService            | service/vcpu-service admin/root
            faultline.notifier.v1.NotificationService | service/vcpu-service admin/root
            faultline.notifier.v1.GuestService        | client/a vm/7 admin/root
            grpc.health.v1.Health                     | client/a vm/7 service/vcpu-service service/pager-service admin/root
            grpc.reflection.v1.ServerReflection       | client/a vm/7 service/vcpu-service service/pager-service admin/root
            grpc.reflection.v1alpha.ServerReflection  | client/a vm/7 service/vcpu-service service/pager-service admin/root
            grpc.channelz.v1.Channelz                 | admin/root
            """)
    void theseMayCallAServiceAndNobodyElse(String service, String allowed) {
        assertThat(CALLERS)
                .filteredOn(party -> AccessRules.refusal(caller(party), service, service + "/Any") == null)
                .containsExactlyInAnyOrder(allowed.split(" "));
    }

    @Test
    void everyServiceOfTheContractHasARuleOfItsOwn() {
        for (ServiceDescriptor service : contract()) {
            assertThat(AccessRules.of(service.getName())).as(service.getName()).hasSizeGreaterThan(1);
        }
    }

    @Test
    void aRefusalSaysWhoCallsWhatAndWhoMay() {
        assertThat(AccessRules.refusal(
                        caller("client/a"),
                        PageServiceGrpc.SERVICE_NAME,
                        PageServiceGrpc.getDropVmMethod().getFullMethodName()))
                .isEqualTo("caller: spiffe://faultline/client/a calls faultline.pager.v1.PageService/DropVm"
                        + " (expected: an admin or service/vcpu-service)");
    }

    @Test
    void withoutTlsAnyoneMayCallEverything() {
        for (ServiceDescriptor service : contract()) {
            for (MethodDescriptor<?, ?> method : service.getMethods()) {
                assertThat(AccessRules.refusal(Caller.ANYONE, service.getName(), method.getFullMethodName()))
                        .isNull();
            }
        }
    }

    @Test
    void theDocumentationHasTheSameTable() throws IOException {
        List<String> rows = new ArrayList<>();
        for (ServiceDescriptor service : contract()) {
            String name = service.getName().substring(service.getName().lastIndexOf('.') + 1);
            rows.add("| `" + name + "` | " + mark(service, "client/a") + " | " + mark(service, "vm/7") + " | "
                    + mark(service, "service/vcpu-service") + " | " + mark(service, "service/pager-service") + " | "
                    + mark(service, "admin/root") + " |");
        }

        assertThat(Files.readAllLines(Path.of("../../docs/security.md"))).containsAll(rows);
    }

    private static String mark(ServiceDescriptor service, String party) {
        return AccessRules.refusal(caller(party), service.getName(), "") == null ? "yes" : "";
    }

    private static List<ServiceDescriptor> contract() {
        return List.of(
                FaultServiceGrpc.getServiceDescriptor(),
                VmServiceGrpc.getServiceDescriptor(),
                PageServiceGrpc.getServiceDescriptor(),
                NotificationServiceGrpc.getServiceDescriptor(),
                GuestServiceGrpc.getServiceDescriptor());
    }

    static Caller caller(String party) {
        return Caller.of(Identity.parse("spiffe://faultline/" + party));
    }
}
