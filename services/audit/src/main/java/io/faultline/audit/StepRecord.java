// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

/** One step as it lies in the ring, with the time it was appended. A reusable carrier, owned by the publishing thread. */
final class StepRecord {
    long vmId;
    int vcpuId;
    long sequence;
    int kind;
    long timeUs;
    long epoch;
    int token;
    long gfn;
    int detail;
    long cause;
}
