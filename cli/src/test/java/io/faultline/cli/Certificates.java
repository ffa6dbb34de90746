// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import io.faultline.authority.TestAuthority;
import io.faultline.rpc.tls.TlsCredentials;
import io.faultline.rpc.tls.TlsFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Certificates of one authority in the folders that {@code deploy/tls/dev-ca} makes, and the options that name them. */
record Certificates(Path directory, TestAuthority authority) {
    /** With the three services' own. */
    static Certificates in(Path directory) {
        Certificates certificates = new Certificates(directory, new TestAuthority());
        List.of("vcpu-service", "pager-service", "notifier-service")
                .forEach(name -> certificates.issue("service/" + name));
        return certificates;
    }

    /** Makes a party's, named such as {@code client/me}. */
    Path issue(String party) {
        Path at = directory.resolve(party.replace('/', '-'));
        try {
            authority.issue(Files.createDirectories(at), "tls", "spiffe://faultline/" + party);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return at;
    }

    /** A party's, made now. */
    TlsCredentials of(String party) {
        Path at = issue(party);
        return TlsCredentials.load(new TlsFiles(at.resolve("ca.pem"), at.resolve("tls.pem"), at.resolve("tls.key")));
    }

    /** A command's options for a party's, made now. */
    List<String> options(String party) {
        Path at = issue(party);
        return List.of(
                "--tls-ca=" + at.resolve("ca.pem"),
                "--tls-cert=" + at.resolve("tls.pem"),
                "--tls-key=" + at.resolve("tls.key"));
    }
}
