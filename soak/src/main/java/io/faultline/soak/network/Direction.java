// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.network;

/** Which way bytes go through a relay. */
public enum Direction {
    /** From whoever connected to whom they connected to. */
    TO_SERVER,
    /** And back. */
    TO_CLIENT
}
