// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.redis;

import io.lettuce.core.RedisCommandExecutionException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Turns what Lettuce fails with into a few words for a person. */
final class RedisFailures {
    private RedisFailures() {}

    /** The failure's innermost reason. */
    static String sentence(@Nullable Throwable failure) {
        if (failure == null) {
            return "no connection";
        }
        Throwable reason = failure;
        while (reason.getCause() != null && !(reason instanceof RedisCommandExecutionException)) {
            reason = reason.getCause();
        }
        if (reason instanceof TimeoutException) {
            return "no answer in time";
        }
        String message = reason.getMessage();
        return message == null ? reason.getClass().getSimpleName() : message;
    }

    /** What a server refused a command with, such as {@code MOVED 3999 127.0.0.1:6381}; null if it did not. */
    static @Nullable String refusal(Throwable failure) {
        Throwable reason = failure instanceof CompletionException ? failure.getCause() : failure;
        return reason instanceof RedisCommandExecutionException ? reason.getMessage() : null;
    }
}
