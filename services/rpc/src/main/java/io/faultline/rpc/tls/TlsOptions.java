// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.tls;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The options by which a command says who it is, as a picocli mixin; without any of them the environment says it, by the names
 * that the services read. One use.
 */
public final class TlsOptions {
    private final Map<String, String> environment;

    @Option(
            names = "--tls-ca",
            paramLabel = "FILE",
            description = "The authorities that the services' certificates are signed by, in PEM: talk TLS"
                    + " (default: TLS_CA_FILE, or plain text)")
    private @Nullable Path ca;

    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description = "This client's certificate, in PEM (default: TLS_CERTIFICATE_FILE)")
    private @Nullable Path certificate;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            description = "Its private key, in PEM, not encrypted (default: TLS_KEY_FILE)")
    private @Nullable Path key;

    /** Options that nobody has set yet. */
    public TlsOptions() {
        this(System.getenv());
    }

    TlsOptions(Map<String, String> environment) {
        this.environment = environment;
    }

    /**
     * The credentials that they stand for: plain text without any of them.
     *
     * @throws IllegalArgumentException when one is missing, a file cannot be used, or the certificate has expired
     */
    public PeerCredentials credentials() {
        if (ca == null && certificate == null && key == null) {
            ca = fromEnvironment("TLS_CA_FILE");
            certificate = fromEnvironment("TLS_CERTIFICATE_FILE");
            key = fromEnvironment("TLS_KEY_FILE");
        }
        if (ca == null && certificate == null && key == null) {
            return PeerCredentials.PLAIN_TEXT;
        }
        if (ca == null || certificate == null || key == null) {
            throw new IllegalArgumentException("--tls-ca " + ca + ", --tls-cert " + certificate + ", --tls-key " + key
                    + " (expected: all three, or none)");
        }
        TlsCredentials credentials = TlsCredentials.load(new TlsFiles(ca, certificate, key));
        credentials.requireNotExpired();
        return credentials;
    }

    private @Nullable Path fromEnvironment(String name) {
        String file = environment.getOrDefault(name, "");
        return file.isEmpty() ? null : Path.of(file);
    }
}
