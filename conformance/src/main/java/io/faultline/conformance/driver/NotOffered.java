// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance.driver;

/** A case does not apply: the deployment does not offer, and need not, what the case is about. */
public final class NotOffered extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The reason, in words for the report. */
    public NotOffered(String reason) {
        super(reason);
    }
}
