// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.spool;

/** What a spool can say of itself; any thread may ask. */
public interface SpoolCounts {
    /** Those of a log without a spool. */
    SpoolCounts NONE = new SpoolCounts() {
        @Override
        public long bytes() {
            return 0;
        }

        @Override
        public long limitBytes() {
            return 0;
        }

        @Override
        public long spooledSteps() {
            return 0;
        }

        @Override
        public long waitingSteps() {
            return 0;
        }

        @Override
        public long failures() {
            return 0;
        }

        @Override
        public long oldestUs() {
            return 0;
        }
    };

    /** Bytes of its files. */
    long bytes();

    /** How many bytes its files may have together; 0 without a spool. */
    long limitBytes();

    /** Steps that were written to it since the start. */
    long spooledSteps();

    /** Steps in it that the broker has not acknowledged, those of earlier lives included. */
    long waitingSteps();

    /** How often the disk refused: a write, a read, or the deletion of a file. */
    long failures();

    /** When its oldest step was appended, microseconds since the Unix epoch; 0 if it is empty. */
    long oldestUs();
}
