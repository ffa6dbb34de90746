// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

/** What the host wants to do with one page of guest memory, past the guest's read-only flags. */
public enum HostAccess {
    /** Read some of it. */
    READ,
    /** Write some of it: its other bytes are needed first. */
    WRITE,
    /** Write all of it: no fetch, and a poisoned page is whole again. */
    OVERWRITE
}
