// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import java.io.IOException;

/** Faultline's own binary recordings, told by their magic number. */
final class PackedFormat implements TraceFormat {
    @Override
    public String title() {
        return "Faultline's binary format";
    }

    @Override
    public boolean recognises(TraceHead head) {
        return head.startsWith(PackedLayout.MAGIC);
    }

    @Override
    public FaultSource open(TraceHead head, TraceBytes bytes, BadLines badLines) throws IOException {
        return new PackedSource(bytes);
    }
}
