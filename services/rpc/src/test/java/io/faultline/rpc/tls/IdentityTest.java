// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.authority.TestAuthority;
import io.faultline.rpc.tls.Identity.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityTest {
    @ParameterizedTest
    @CsvSource({
        "spiffe://faultline/service/pager-service, SERVICE, pager-service",
        "spiffe://prod.example.org/client/replay_1, CLIENT, replay_1",
        "spiffe://faultline/vm/0, VM, 0",
        "spiffe://faultline/vm/18446744073709551615, VM, 18446744073709551615",
        "spiffe://faultline/admin/Ada.L, ADMIN, Ada.L"
    })
    void aUriSaysWhoItIs(String uri, Kind kind, String name) {
        Identity identity = Identity.parse(uri);

        assertThat(identity.kind()).isEqualTo(kind);
        assertThat(identity.name()).isEqualTo(name);
        assertThat(identity).hasToString(uri);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "spiffe://faultline",
                "spiffe://faultline/client",
                "spiffe://faultline/client/",
                "spiffe://faultline/client/a/b",
                "spiffe://faultline/guest/1",
                "spiffe://faultline/CLIENT/a",
                "spiffe://Faultline/client/a",
                "spiffe://fault:1/client/a",
                "spiffe://u@faultline/client/a",
                "spiffe:///client/a",
                "https://faultline/client/a",
                "SPIFFE://faultline/client/a",
                "spiffe://faultline/client/a?b",
                "spiffe://faultline/client/a#b",
                "spiffe://faultline/client/%61",
                "spiffe://faultline/client/a\n",
                " spiffe://faultline/client/a",
                "spiffe://faultline/client/ä"
            })
    void anyOtherFormIsRefusedWithWhatIsExpected(String uri) {
        assertThatThrownBy(() -> Identity.parse(uri))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("identity: " + uri + " (expected: one URI, spiffe://TRUST-DOMAIN/");
    }

    @Test
    void anIdentityHasABoundedLength() {
        assertThat(Identity.parse("spiffe://faultline/client/" + "a".repeat(64)).name())
                .hasSize(64);
        assertThatThrownBy(() -> Identity.parse("spiffe://faultline/client/" + "a".repeat(65)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Identity.parse("spiffe://" + "a".repeat(129) + "/client/a"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /* Two ways to write one id would be two identities for one VM. */
    @ParameterizedTest
    @ValueSource(strings = {"01", "x", "-1", "18446744073709551616", "0x10", "1.0"})
    void aVmIsNamedByItsIdAndInOneWayOnly(String id) {
        assertThatThrownBy(() -> Identity.parse("spiffe://faultline/vm/" + id))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("identity: spiffe://faultline/vm/" + id + " (expected: …/vm/ID with a VM's id");
    }

    @Test
    void onlyAVmHasAVmId() {
        assertThat(Identity.parse("spiffe://faultline/vm/18446744073709551615").vmId())
                .isEqualTo(-1);
        assertThatThrownBy(() -> Identity.parse("spiffe://faultline/client/7").vmId())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("identity: spiffe://faultline/client/7 (expected: a VM's)");
    }

    @Test
    void aCertificateWithOneUriSaysWhoHoldsIt(@TempDir Path directory) {
        assertThat(Identity.of(certificate(directory, "spiffe://faultline/vm/7")))
                .isEqualTo(new Identity("faultline", Kind.VM, "7"));
    }

    @Test
    void aCertificateWithSeveralUrisSaysNothing(@TempDir Path directory) {
        assertThatThrownBy(() -> Identity.of(
                        certificate(directory, "spiffe://faultline/client/a", "spiffe://faultline/admin/root")))
                .hasMessageStartingWith(
                        "identity: spiffe://faultline/client/a and spiffe://faultline/admin/root (expected: one URI");
    }

    @Test
    void aCertificateWithoutAUriSaysNothing(@TempDir Path directory) {
        assertThatThrownBy(() -> Identity.of(certificate(directory)))
                .hasMessageStartingWith("identity: none in the certificate of CN=holder (expected: one URI");
    }

    private static X509Certificate certificate(Path directory, String... uris) {
        new TestAuthority().issue(directory, "holder", uris);
        try (InputStream pem = Files.newInputStream(directory.resolve("holder.pem"))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(pem);
        } catch (IOException | CertificateException e) {
            throw new IllegalStateException(e);
        }
    }
}
