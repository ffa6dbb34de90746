// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Who holds a certificate: the one URI among its subject's alternative names, {@code spiffe://TRUST-DOMAIN/KIND/NAME}.
 *
 * @param trustDomain whose certificates these are, such as {@code faultline}
 * @param kind what its holder is
 * @param name which one of that kind; of a guest its VM's id, in decimal digits
 */
public record Identity(String trustDomain, Kind kind, String name) {
    /** What the holder of a certificate may be. */
    public enum Kind {
        /** One of the three services; the name is the service's. */
        SERVICE("service"),
        /** A client that registers VMs and raises their faults. */
        CLIENT("client"),
        /** The guest of one VM; the name is the VM's id. */
        VM("vm"),
        /** A person who looks after all of it. */
        ADMIN("admin");

        private final String word;

        Kind(String word) {
            this.word = word;
        }
    }

    private static final int URI = 6;
    private static final String EXPECTED =
            " (expected: one URI, spiffe://TRUST-DOMAIN/service/NAME, …/client/NAME, …/vm/ID or …/admin/NAME)";
    private static final Pattern FORM =
            Pattern.compile("spiffe://([a-z0-9._-]{1,128})/(service|client|vm|admin)/([A-Za-z0-9._-]{1,64})");

    /** The identity of a service. */
    public static Identity ofService(String trustDomain, String name) {
        return new Identity(trustDomain, Kind.SERVICE, name);
    }

    /**
     * The identity that a URI states.
     *
     * @throws IllegalArgumentException with the URI and the expected form
     */
    public static Identity parse(String uri) {
        Matcher form = FORM.matcher(uri);
        if (!form.matches()) {
            throw new IllegalArgumentException("identity: " + uri + EXPECTED);
        }
        Kind kind = kind(form.group(2));
        if (kind == Kind.VM) {
            requireVmId(uri, form.group(3));
        }
        return new Identity(form.group(1), kind, form.group(3));
    }

    /**
     * The identity of whoever is at the other end of a session; null without a session, or if he showed no certificate.
     *
     * @throws IllegalArgumentException as {@link #of}
     */
    public static @Nullable Identity ofPeer(@Nullable SSLSession session) {
        try {
            return session != null && session.getPeerCertificates()[0] instanceof X509Certificate certificate
                    ? of(certificate)
                    : null;
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }

    /**
     * The identity that a certificate states.
     *
     * @throws IllegalArgumentException when it states none, or several, with what it states and what is expected
     */
    public static Identity of(X509Certificate certificate) {
        String uri = null;
        for (List<?> name : alternativeNames(certificate)) {
            if (Integer.valueOf(URI).equals(name.getFirst())) {
                if (uri != null) {
                    throw new IllegalArgumentException("identity: " + uri + " and " + name.get(1) + EXPECTED);
                }
                uri = String.valueOf(name.get(1));
            }
        }
        if (uri == null) {
            throw new IllegalArgumentException(
                    "identity: none in the certificate of " + certificate.getSubjectX500Principal() + EXPECTED);
        }
        return parse(uri);
    }

    /** The id of the VM whose guest this is; only of the kind VM. */
    public long vmId() {
        if (kind != Kind.VM) {
            throw new IllegalStateException("identity: " + this + " (expected: a VM's)");
        }
        return Long.parseUnsignedLong(name);
    }

    /** Its short form, for sentences: kind and name. */
    public String label() {
        return kind.word + "/" + name;
    }

    @Override
    public String toString() {
        return "spiffe://" + trustDomain + "/" + label();
    }

    private static Collection<List<?>> alternativeNames(X509Certificate certificate) {
        try {
            @Nullable Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null ? List.of() : names;
        } catch (CertificateParsingException e) {
            throw new IllegalArgumentException("identity: unreadable alternative names" + EXPECTED, e);
        }
    }

    private static Kind kind(String word) {
        for (Kind kind : Kind.values()) {
            if (kind.word.equals(word)) {
                return kind;
            }
        }
        throw new IllegalArgumentException("kind: " + word + EXPECTED);
    }

    private static void requireVmId(String uri, String id) {
        try {
            if (Long.toUnsignedString(Long.parseUnsignedLong(id)).equals(id)) {
                return;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("identity: " + uri + " (expected: …/vm/ID with a VM's id)", e);
        }
        throw new IllegalArgumentException(
                "identity: " + uri + " (expected: …/vm/ID with a VM's id, no leading zeros)");
    }
}
