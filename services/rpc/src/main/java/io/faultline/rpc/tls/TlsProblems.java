// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.tls;

import io.grpc.Status;
import io.netty.handler.ssl.NotSslRecordException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Says in a sentence why two parties could not agree to talk. */
public final class TlsProblems {
    private TlsProblems() {}

    /** What it means that a call could not be made; null when it is about something else. */
    public static @Nullable String sentence(Status status) {
        return status.getCode() == Status.Code.UNAVAILABLE ? sentence(status.asException()) : null;
    }

    /** What a failure with this cause means, for the person at this end; null when it is about something else. */
    public static @Nullable String sentence(@Nullable Throwable failure) {
        String sentence = null;
        // The innermost cause says most.
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String said = ofOne(cause);
            sentence = said == null ? sentence : said;
        }
        return sentence;
    }

    private static @Nullable String ofOne(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        return switch (cause) {
            case NotSslRecordException _ -> "the other side does not speak TLS";
            case CertificateExpiredException _ -> "the other side's certificate has expired (" + message + ")";
            case CertificateNotYetValidException _ -> "the other side's certificate is not valid yet (" + message + ")";
            case CertPathBuilderException _ ->
                "the other side's certificate was signed by an authority that is not trusted here";
            case CertificateException _ when message.startsWith("identity: ") -> message;
            case SSLException _
            when message.contains("Empty client certificate chain") -> "the other side showed no certificate";
            case SSLException _
            when message.contains("certificate_required") -> "the other side wants a certificate, and was shown none";
            case SSLException _
            when message.contains("Received fatal alert") ->
                "the other side refused this side's certificate (" + message + ")";
            case SSLException _ -> "TLS failed: " + message;
            default ->
                message.contains("INADEQUATE_SECURITY")
                        ? "the other side speaks TLS, and was spoken to in plain text"
                        : null;
        };
    }
}
