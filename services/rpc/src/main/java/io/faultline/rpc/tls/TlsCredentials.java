// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.tls;

import io.faultline.rpc.tls.Identity.Kind;
import io.grpc.ChannelCredentials;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettySslContextChannelCredentials;
import io.netty.handler.ssl.util.KeyManagerFactoryWrapper;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.function.Predicate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * One party's credentials, taken up anew by {@link #reload}: connections that begin later use them, those that are open stay as
 * they are. Whoever is at the other end is known by the identity in his certificate, not by his host's name, for pods are
 * reached by their addresses. Any thread.
 */
public final class TlsCredentials implements PeerCredentials {
    static {
        // A ticket would let its holder come back without his certificate being looked at, expired or not.
        if (System.getProperty("jdk.tls.server.newSessionTicketCount") == null) {
            System.setProperty("jdk.tls.server.newSessionTicketCount", "0");
        }
    }

    /** The one version that is spoken. */
    static final String PROTOCOL = "TLSv1.3";

    private final TlsFiles files;
    private volatile Version current;

    private TlsCredentials(TlsFiles files, KeyMaterial material) {
        this.files = files;
        this.current = new Version(0, material, null);
    }

    /**
     * Reads credentials.
     *
     * @throws IllegalArgumentException in a sentence that names the file: it cannot be read, holds something else, or the key is
     *     not the certificate's
     */
    public static TlsCredentials load(TlsFiles files) {
        return new TlsCredentials(files, KeyMaterial.load(files));
    }

    /**
     * Reads the files again and takes up what they hold. For one thread at a time.
     *
     * @return whether they held anything new
     * @throws IllegalArgumentException as {@link #load}; then the credentials stay as they were
     */
    public boolean reload() {
        KeyMaterial read = KeyMaterial.load(files);
        Version last = current;
        if (read.isSameAs(last.material)) {
            return false;
        }
        current = new Version(last.number + 1, read, last.withoutPrevious());
        return true;
    }

    /** Who these credentials say that their holder is. */
    public Identity identity() {
        return current.material.identity();
    }

    /** When the certificate expires. */
    public Instant expiry() {
        return current.material.chain()[0].getNotAfter().toInstant();
    }

    /**
     * Refuses a certificate that nobody would accept any more.
     *
     * @throws IllegalArgumentException with the file and when it expired
     */
    void requireNotExpired() {
        if (expiry().isBefore(Instant.now())) {
            throw new IllegalArgumentException(
                    files.certificate() + " expired " + expiry() + " (expected: a valid one)");
        }
    }

    /** Shows this party's certificate. */
    public X509ExtendedKeyManager keyManager() {
        return new Keys();
    }

    /** Trusts those of this party's trust domain whose certificate its authorities have signed. */
    public X509ExtendedTrustManager trustManager() {
        return new Trust(_ -> true, "anyone");
    }

    @Override
    public ChannelCredentials toward(String service) {
        Predicate<Identity> expected =
                peer -> peer.kind() == Kind.SERVICE && peer.name().equals(service);
        try {
            return NettySslContextChannelCredentials.create(GrpcSslContexts.forClient()
                    .protocols(PROTOCOL)
                    .keyManager(new KeyManagerFactoryWrapper(new Keys()))
                    .trustManager(new Trust(expected, "service/" + service))
                    .build());
        } catch (SSLException e) {
            throw new IllegalStateException("TLS toward " + service + " cannot be set up: " + e.getMessage(), e);
        }
    }

    /** One version of the credentials, by whose number handshakes that are under way still find it. */
    private record Version(
            int number, KeyMaterial material, @Nullable Version previous) {
        Version withoutPrevious() {
            return new Version(number, material, null);
        }

        String alias() {
            return Integer.toString(number);
        }
    }

    /** Shows the current version; a handshake that began with the one before goes on with that. */
    private final class Keys extends X509ExtendedKeyManager {
        private @Nullable String alias(String... keyTypes) {
            Version version = current;
            return Arrays.asList(keyTypes).contains(version.material.keyType()) ? version.alias() : null;
        }

        private @Nullable KeyMaterial of(@Nullable String alias) {
            for (Version version = current; version != null; version = version.previous) {
                if (version.alias().equals(alias)) {
                    return version.material;
                }
            }
            return null;
        }

        @Override
        public @Nullable String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
            return alias(types);
        }

        @Override
        public @Nullable String chooseEngineServerAlias(String type, Principal[] issuers, SSLEngine engine) {
            return alias(type);
        }

        @Override
        public @Nullable String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            return alias(types);
        }

        @Override
        public @Nullable String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            return alias(type);
        }

        @Override
        public String @Nullable [] getClientAliases(String type, Principal[] issuers) {
            String alias = alias(type);
            return alias == null ? null : new String[] {alias};
        }

        @Override
        public String @Nullable [] getServerAliases(String type, Principal[] issuers) {
            return getClientAliases(type, issuers);
        }

        @Override
        public X509Certificate @Nullable [] getCertificateChain(String alias) {
            KeyMaterial material = of(alias);
            return material == null ? null : material.chain();
        }

        @Override
        public @Nullable PrivateKey getPrivateKey(String alias) {
            KeyMaterial material = of(alias);
            return material == null ? null : material.key();
        }
    }

    /** Trusts whom the current version's authorities vouch for, and who is expected. */
    private final class Trust extends X509ExtendedTrustManager {
        private final Predicate<Identity> expected;
        private final String who;

        Trust(Predicate<Identity> expected, String who) {
            this.expected = expected;
            this.who = who;
        }

        private void requireExpected(X509Certificate certificate) throws CertificateException {
            Identity own = identity();
            Identity peer;
            try {
                peer = Identity.of(certificate);
            } catch (IllegalArgumentException e) {
                throw new CertificateException(e.getMessage(), e);
            }
            if (!peer.trustDomain().equals(own.trustDomain()) || !expected.test(peer)) {
                throw new CertificateException(
                        "identity: " + peer + " (expected: " + who + " of the trust domain " + own.trustDomain() + ")");
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            current.material.trust().checkClientTrusted(chain, type);
            requireExpected(chain[0]);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            current.material.trust().checkServerTrusted(chain, type);
            requireExpected(chain[0]);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            checkClientTrusted(chain, type);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            checkClientTrusted(chain, type);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            checkServerTrusted(chain, type);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            checkServerTrusted(chain, type);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return current.material.trust().getAcceptedIssuers();
        }
    }
}
