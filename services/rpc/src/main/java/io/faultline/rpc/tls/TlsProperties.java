// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.tls;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings {@code faultline.tls.*}: with all three files a service talks TLS and asks everyone for a certificate; with none
 * it talks plain text.
 *
 * @param caFile the authorities that others' certificates must be signed by, in PEM; empty for none
 * @param certificateFile the service's certificate, in PEM; empty for none
 * @param keyFile the certificate's private key, in PEM; empty for none
 * @param reloadMs how often the files are looked at for something new, in milliseconds
 */
@ConfigurationProperties("faultline.tls")
public record TlsProperties(
        @DefaultValue("") String caFile,
        @DefaultValue("") String certificateFile,
        @DefaultValue("") String keyFile,
        @DefaultValue("10000") int reloadMs) {
    private static final int RELOAD_LEAST_MS = 100;
    private static final int RELOAD_MOST_MS = 3_600_000;

    /**
     * Checks every setting.
     *
     * @throws IllegalArgumentException naming the setting, its value and what is expected
     */
    public TlsProperties {
        requireAll(caFile, certificateFile, keyFile);
        if (reloadMs < RELOAD_LEAST_MS || reloadMs > RELOAD_MOST_MS) {
            throw new IllegalArgumentException("faultline.tls.reload-ms: " + reloadMs + " (expected: " + RELOAD_LEAST_MS
                    + " to " + RELOAD_MOST_MS + ")");
        }
    }

    /** Whether there are files, so TLS. */
    public boolean isOn() {
        return !certificateFile.isEmpty();
    }

    /** The files. */
    TlsFiles files() {
        return new TlsFiles(Path.of(caFile), Path.of(certificateFile), Path.of(keyFile));
    }

    private static void requireAll(String ca, String certificate, String key) {
        boolean none = ca.isEmpty() && certificate.isEmpty() && key.isEmpty();
        boolean all = !ca.isEmpty() && !certificate.isEmpty() && !key.isEmpty();
        if (!none && !all) {
            throw new IllegalArgumentException("faultline.tls: ca-file '" + ca + "', certificate-file '" + certificate
                    + "', key-file '" + key + "' (expected: all three, or none)");
        }
    }
}
