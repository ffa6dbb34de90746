// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.pem.PemContent;

/** One version of a party's credentials: read whole, and found to fit together. Immutable. */
final class KeyMaterial {
    private static final byte[] PROBE = "does this key belong to that certificate?".getBytes(StandardCharsets.US_ASCII);

    private static final Logger log = LoggerFactory.getLogger(KeyMaterial.class);

    private final byte[] content;
    private final X509Certificate[] chain;
    private final PrivateKey key;
    private final X509TrustManager trust;
    private final Identity identity;

    private KeyMaterial(byte[] content, List<X509Certificate> chain, PrivateKey key, X509TrustManager trust) {
        this.content = content;
        this.chain = chain.toArray(X509Certificate[]::new);
        this.key = key;
        this.trust = trust;
        this.identity = Identity.of(chain.getFirst());
    }

    /**
     * Reads credentials.
     *
     * @throws IllegalArgumentException in a sentence that names the file: it cannot be read, holds something else, or the key is
     *     not the certificate's; never with what a key file holds
     */
    static KeyMaterial load(TlsFiles files) {
        byte[] ca = read(files.ca());
        byte[] certificate = read(files.certificate());
        byte[] keyBytes = read(files.key());
        List<X509Certificate> authorities = parse(files.ca(), ca, "a certificate", PemContent::getCertificates);
        List<X509Certificate> chain =
                parse(files.certificate(), certificate, "a certificate", PemContent::getCertificates);
        PrivateKey key = parse(files.key(), keyBytes, "an unencrypted private key", PemContent::getPrivateKey);
        try {
            requirePair(chain.getFirst(), key, files);
            return new KeyMaterial(joined(ca, certificate, keyBytes), chain, key, trusting(authorities));
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException(
                    files.certificate() + " and " + files.key() + " cannot be used: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(files.certificate() + ": " + e.getMessage(), e);
        }
    }

    /** Whether the files held the same bytes when the other was read. */
    boolean isSameAs(KeyMaterial other) {
        return Arrays.equals(content, other.content);
    }

    X509Certificate[] chain() {
        return chain.clone();
    }

    PrivateKey key() {
        return key;
    }

    /** Checks others' chains against the authorities. */
    X509TrustManager trust() {
        return trust;
    }

    /** Who the certificate says that its holder is. */
    Identity identity() {
        return identity;
    }

    /** What kind of key the certificate holds, in JSSE's words. */
    String keyType() {
        return chain[0].getPublicKey().getAlgorithm();
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException(file + " does not exist (expected: a PEM file)", e);
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static <T> T parse(Path file, byte[] bytes, String expected, Function<PemContent, @Nullable T> part) {
        String text = new String(bytes, StandardCharsets.US_ASCII);
        @Nullable T found = null;
        try {
            found = PemContent.isPresentInText(text) ? part.apply(PemContent.of(text)) : null;
        } catch (IllegalStateException | IllegalArgumentException e) {
            log.debug("{} holds no {}: {}", file, expected, e.getClass());
        }
        if (found == null) {
            // Without a cause, whose message might quote the file.
            throw new IllegalArgumentException(file + " holds something else (expected: " + expected + " in PEM)");
        }
        return found;
    }

    private static void requirePair(X509Certificate certificate, PrivateKey key, TlsFiles files)
            throws GeneralSecurityException {
        String algorithm = switch (key.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> key.getAlgorithm();
        };
        boolean fits = key.getAlgorithm().equals(certificate.getPublicKey().getAlgorithm());
        if (fits) {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(PROBE);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(PROBE);
            fits = signature.verify(signed);
        }
        if (!fits) {
            throw new IllegalArgumentException("its key is not the one in " + files.key());
        }
    }

    private static X509TrustManager trusting(List<X509Certificate> authorities)
            throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (X509Certificate authority : authorities) {
            store.setCertificateEntry("authority-" + store.size(), authority);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        return (X509TrustManager) factory.getTrustManagers()[0];
    }

    private static byte[] joined(byte[] ca, byte[] certificate, byte[] key) {
        byte[] all = new byte[ca.length + certificate.length + key.length];
        System.arraycopy(ca, 0, all, 0, ca.length);
        System.arraycopy(certificate, 0, all, ca.length, certificate.length);
        System.arraycopy(key, 0, all, ca.length + certificate.length, key.length);
        return all;
    }
}
