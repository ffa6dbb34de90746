// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

/** The values that SDEI calls return in x0. */
public final class SdeiResult {
    /** Done. */
    public static final long SUCCESS = 0;
    /** There is no such call here. */
    public static final long NOT_SUPPORTED = -1;
    /** An argument is out of range. */
    public static final long INVALID_PARAMETERS = -2;
    /** Not in this state. */
    public static final long DENIED = -3;
    /** Unregistering ends when the running handler completes. */
    public static final long PENDING = -5;

    private SdeiResult() {}
}
