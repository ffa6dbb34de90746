// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.authority;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicLong;

/** An authority of its own that signs certificates for tests. Any thread. */
public final class TestAuthority {
    private static final byte[] ECDSA_WITH_SHA256 = Der.sequence(Der.identifier(1, 2, 840, 10045, 4, 3, 2));
    private static final int URI = 6;
    private static final Duration DAY = Duration.ofDays(1);

    private final AtomicLong serials = new AtomicLong(System.nanoTime());
    private final KeyPair keys = newKeys();
    private final byte[] name = name("Test authority " + serials.get());
    private final byte[] certificate;

    /** An authority that nobody knows yet. */
    public TestAuthority() {
        Instant now = Instant.now();
        certificate = sign(name, keys, now.minus(DAY), now.plus(DAY), basicConstraints());
    }

    /** The authority's own certificate, in PEM. */
    public String pem() {
        return pem("CERTIFICATE", certificate);
    }

    /**
     * Writes {@code ca.pem}, {@code NAME.pem} and {@code NAME.key}, valid for a day from now.
     *
     * @param uris the alternative names; of a good certificate there is one
     */
    public void issue(Path directory, String name, String... uris) {
        Instant now = Instant.now();
        issue(directory, name, uris, now.minus(DAY), now.plus(DAY));
    }

    /** As {@link #issue(Path, String, String...)}, but expired an hour ago. */
    public void issueExpired(Path directory, String name, String uri) {
        Instant ended = Instant.now().minus(Duration.ofHours(1));
        issue(directory, name, new String[] {uri}, ended.minus(DAY), ended);
    }

    private void issue(Path directory, String file, String[] uris, Instant from, Instant to) {
        KeyPair holder = newKeys();
        byte[] signed = sign(name(file), holder, from, to, uris.length == 0 ? notAnAuthority() : names(uris));
        try {
            Files.writeString(directory.resolve("ca.pem"), pem());
            Files.writeString(directory.resolve(file + ".pem"), pem("CERTIFICATE", signed));
            Files.writeString(
                    directory.resolve(file + ".key"),
                    pem("PRIVATE KEY", holder.getPrivate().getEncoded()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] sign(byte[] subject, KeyPair holder, Instant from, Instant to, byte[] extension) {
        byte[] content = Der.sequence(
                Der.numbered(0, true, Der.integer(2)),
                Der.integer(serials.incrementAndGet()),
                ECDSA_WITH_SHA256,
                name,
                Der.sequence(Der.time(from), Der.time(to)),
                subject,
                holder.getPublic().getEncoded(),
                Der.numbered(3, true, Der.sequence(extension)));
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(keys.getPrivate());
            signature.update(content);
            return Der.sequence(content, ECDSA_WITH_SHA256, Der.bits(signature.sign()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] names(String[] uris) {
        byte[][] names = Arrays.stream(uris)
                .map(uri -> Der.numbered(URI, false, uri.getBytes(StandardCharsets.US_ASCII)))
                .toArray(byte[][]::new);
        return Der.sequence(Der.identifier(2, 5, 29, 17), Der.octets(Der.sequence(names)));
    }

    private static byte[] notAnAuthority() {
        return Der.sequence(Der.identifier(2, 5, 29, 19), Der.octets(Der.sequence()));
    }

    private static byte[] basicConstraints() {
        return Der.sequence(Der.identifier(2, 5, 29, 19), Der.yes(), Der.octets(Der.sequence(Der.yes())));
    }

    private static byte[] name(String common) {
        return Der.sequence(Der.value(Der.SET, Der.sequence(Der.identifier(2, 5, 4, 3), Der.text(common))));
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem(String type, byte[] bytes) {
        return "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + type + "-----\n";
    }
}
