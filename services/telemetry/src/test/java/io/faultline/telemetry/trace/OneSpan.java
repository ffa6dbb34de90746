// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry.trace;

import io.faultline.telemetry.TraceParent;
import io.opentelemetry.api.trace.SpanKind;

/** Work of one span that lasts a microsecond. */
final class OneSpan extends TracedWork {
    static final TraceParent PARENT =
            new TraceParent(0x0AF7_6519_16CD_43DDL, 0x8448_EB21_1C80_319CL, 0xB7AD_6B71_6920_3331L);

    OneSpan(long beganNs) {
        super(beganNs);
    }

    @Override
    protected void writeTo(SpanWriter spans) {
        spans.child(PARENT, "one", SpanKind.INTERNAL).lasting(beganNs(), beganNs() + 1_000);
    }
}
