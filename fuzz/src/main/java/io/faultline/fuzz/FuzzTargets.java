// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.fuzz;

import io.faultline.audit.spool.SegmentTarget;
import io.faultline.rpc.page.PageBatchTarget;
import io.faultline.vcpu.app.workingset.WorkingSetTarget;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** The targets, by name. */
final class FuzzTargets {
    private static final Map<String, Supplier<FuzzTarget>> BY_NAME = new LinkedHashMap<>();

    static {
        BY_NAME.put("vcpu-calls", VcpuTarget::new);
        BY_NAME.put("pager-calls", PagerTarget::new);
        BY_NAME.put("notifier-calls", NotifierTarget::new);
        BY_NAME.put("page-batches", PageBatchTarget::new);
        BY_NAME.put("envelopes", EnvelopeTarget::new);
        BY_NAME.put("audit-blocks", AuditBlockTarget::new);
        BY_NAME.put("spool-segments", SegmentTarget::new);
        BY_NAME.put("recordings", RecordingTarget::new);
        BY_NAME.put("working-sets", WorkingSetTarget::new);
    }

    private FuzzTargets() {}

    static Set<String> names() {
        return BY_NAME.keySet();
    }

    /**
     * Makes a target.
     *
     * @throws IllegalArgumentException for a name that is none
     */
    static FuzzTarget make(String name) {
        Supplier<FuzzTarget> target = BY_NAME.get(name);
        if (target == null) {
            throw new IllegalArgumentException("target: " + name + " (expected: one of " + names() + ")");
        }
        return target.get();
    }
}
