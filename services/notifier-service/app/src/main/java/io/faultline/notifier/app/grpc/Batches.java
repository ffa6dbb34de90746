// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.grpc;

import io.faultline.rpc.Statuses;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;

/** What the wire contract says of every batch here. Stateless. */
final class Batches {
    /** How many records one message may carry. */
    static final int RECORDS_MAX = 1024;

    private Batches() {}

    /** The error that a batch of so many records in a field ends its stream with, or null when there is none. */
    static @Nullable StatusRuntimeException sizeError(String field, int size) {
        return size >= 1 && size <= RECORDS_MAX
                ? null
                : Statuses.invalid(field, size + " records (expected: 1 to " + RECORDS_MAX + ")");
    }
}
