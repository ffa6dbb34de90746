// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

/** What a log can say of itself; any thread may ask. */
interface AuditCounts {
    /** Steps that were appended and taken in. */
    long steps();

    /** Kafka records that the broker acknowledged. */
    long records();

    /** Steps that were lost on the way. */
    long dropped();

    /** Steps that wait in the ring. */
    int ringDepth();

    /** How far the acknowledged trail is behind what was taken from the ring, in microseconds. */
    long lagUs();
}
