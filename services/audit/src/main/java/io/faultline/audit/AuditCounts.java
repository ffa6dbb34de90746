// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import io.faultline.audit.spool.SpoolCounts;
import io.micrometer.core.instrument.MeterRegistry;

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

    /** How many steps the ring holds; 0 without one. */
    int ringLimit();

    /** Steps appended that are neither acknowledged nor lost. */
    long lagSteps();

    /** Whether the broker answered when it was last heard of. */
    boolean isBrokerConnected();

    /** Binds the meters of the way to the broker. */
    void bindKafka(MeterRegistry registry);

    /** What waits on disk. */
    SpoolCounts spool();

    /** The age of the oldest step on disk, in microseconds; 0 if none is there. */
    long spoolAgeUs();

    /** How far the acknowledged trail is behind what was taken from the ring, in microseconds. */
    long lagUs();
}
