// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.tls;

import java.nio.file.Path;

/**
 * Where one party's credentials are, in PEM.
 *
 * @param ca the certificates of the authorities that others' certificates must be signed by
 * @param certificate its own certificate, then those between it and the authority
 * @param key the certificate's private key, not encrypted
 */
public record TlsFiles(Path ca, Path certificate, Path key) {}
