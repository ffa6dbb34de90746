// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry.http;

/** The management port cannot be listened on. */
final class ManagementPortException extends RuntimeException {
    ManagementPortException(String address, Throwable cause) {
        super("management port " + address + ": " + cause.getMessage(), cause);
    }
}
