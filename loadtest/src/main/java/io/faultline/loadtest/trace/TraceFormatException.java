// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import java.io.IOException;

/** A file's content is not what its format demands; the message says where and what, but does not name the file. */
final class TraceFormatException extends IOException {
    private static final long serialVersionUID = 1;

    TraceFormatException(String message) {
        super(message);
    }
}
