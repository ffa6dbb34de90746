// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

/** What became of SDEI state from elsewhere. */
public enum SdeiImport {
    /** The vCPU has it. */
    IMPORTED,
    /** The vCPU is not here. */
    NOT_FOUND,
    /** The vCPU's epoch is past the import's; nothing has changed. */
    STALE
}
