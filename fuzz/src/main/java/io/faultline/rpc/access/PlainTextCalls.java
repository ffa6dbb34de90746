// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.access;

import io.grpc.Context;

/** Calls that come in as plain text, made without a server. */
public final class PlainTextCalls {
    private PlainTextCalls() {}

    /** What a handler of such a call runs in. */
    public static Context context() {
        return Context.ROOT.withValue(Caller.CURRENT, Caller.ANYONE);
    }
}
