// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An SDEI call on its way in: the function identifier and the arguments x1, x2, … A reusable carrier, so that a call costs
 * no object. Owned by the loop's thread.
 */
public final class GuestCall {
    /** Arguments x1 to x6. */
    public static final int ARGUMENTS = 6;

    private final long[] arguments = new long[ARGUMENTS];
    private final CpuContext context = new CpuContext();
    private int vcpuId;
    private long id;
    private int function;
    private boolean hasContext;

    /** Begins another call: arguments 0, no registers. */
    public GuestCall begin(int vcpuId, long id, int function) {
        this.vcpuId = vcpuId;
        this.id = id;
        this.function = function;
        hasContext = false;
        Arrays.fill(arguments, 0);
        return this;
    }

    /** Sets argument xN; n is 1 to 6. */
    public void argument(int n, long value) {
        arguments[n - 1] = value;
    }

    /** The registers at the call, all 0, for the caller to fill: this guest keeps them. */
    public CpuContext withContext() {
        hasContext = true;
        context.clear();
        return context;
    }

    int vcpuId() {
        return vcpuId;
    }

    long id() {
        return id;
    }

    int function() {
        return function;
    }

    /** Argument xN; n is 1 to 6. */
    long argument(int n) {
        return arguments[n - 1];
    }

    @Nullable
    CpuContext context() {
        return hasContext ? context : null;
    }
}
