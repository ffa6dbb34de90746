// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.access;

import static io.faultline.rpc.access.AccessRulesTest.caller;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallerTest {
    @ParameterizedTest
    @CsvSource({
        "client/a,             client/a,   true",
        "client/a,             client/b,   false",
        "client/a,             admin/root, false",
        "admin/root,           client/a,   true",
        "vm/7,                 client/a,   false",
        "service/vcpu-service, client/a,   false",
        "service/a,            client/a,   false"
    })
    void onlyItsRegistrantAndAdminsUseAVm(String party, String registrant, boolean may) {
        assertThat(caller(party).owns(caller(registrant))).isEqualTo(may);
    }

    @Test
    void theSameClientOnAnotherConnectionIsTheSameOwner() {
        assertThat(caller("client/a").owns(caller("client/a"))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "vm/7,                 client/a,    true",
        "vm/8,                 client/a,    false",
        "client/a,             client/a,    true",
        "client/b,             client/a,    false",
        "client/7,             client/a,    false",
        "admin/root,           client/a,    true",
        "service/vcpu-service, client/a,    false",
        "service/a,            service/a,   false"
    })
    void aVmsGuestsAreItsOwnCredentialItsRegistrantAndAdmins(String party, String registrant, boolean may) {
        assertThat(caller(party).mayAttach(7, caller(registrant).name())).isEqualTo(may);
    }

    /* As after a vcpu-service in plain text: what it creates is nobody's in particular. */
    @Test
    void aVmOfNoRegistrantIsNoClients() {
        assertThat(caller("client/a").mayAttach(7, "")).isFalse();
        assertThat(caller("vm/7").mayAttach(7, "")).isTrue();
        assertThat(caller("admin/root").mayAttach(7, "")).isTrue();
    }

    /* A guest learns nothing of other VMs, not even that there are none. */
    @Test
    void aVmThatNobodyRegisteredIsLookedForInVainByClientsAndItsOwnGuest() {
        assertThat(caller("client/a").mayAttach(7, null)).isTrue();
        assertThat(caller("vm/7").mayAttach(7, null)).isTrue();
        assertThat(caller("vm/8").mayAttach(7, null)).isFalse();
    }

    @Test
    void withoutTlsAnyoneMayDoEverything() {
        assertThat(Caller.ANYONE.owns(caller("client/a"))).isTrue();
        assertThat(Caller.ANYONE.owns(Caller.ANYONE)).isTrue();
        assertThat(Caller.ANYONE.mayAttach(7, "")).isTrue();
    }

    @Test
    void aRefusalSaysWhoWantsWhatAndWhoMay() {
        assertThatThrownBy(() -> caller("client/b").requireOwns(caller("client/a"), -1))
                .isInstanceOfSatisfying(StatusRuntimeException.class, refusal -> {
                    assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
                    assertThat(refusal.getStatus().getDescription())
                            .isEqualTo("caller: spiffe://faultline/client/b uses VM 18446744073709551615"
                                    + " (expected: the client that registered it, or an admin)");
                });
    }

    @Test
    void outsideACallThereIsNoCaller() {
        assertThatThrownBy(Caller::current).isInstanceOf(IllegalStateException.class);
    }
}
