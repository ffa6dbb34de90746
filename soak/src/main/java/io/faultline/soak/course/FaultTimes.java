// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.course;

import io.faultline.processes.Exposition;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The faults of an interval by how long they took, of the cumulative buckets that vcpu-service shows. Immutable.
 *
 * @param counts faults by the upper bound of their bucket, in seconds, cumulative
 */
record FaultTimes(TreeMap<Double, Double> counts) {
    static FaultTimes of(Exposition exposition) {
        TreeMap<Double, Double> counts = new TreeMap<>();
        exposition.forEach("faultline_vcpu_fault_seconds_bucket", (labels, value) -> {
            String bound = labels.get("le");
            if (bound != null) {
                counts.merge(
                        bound.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(bound),
                        value,
                        Double::sum);
            }
        });
        return new FaultTimes(counts);
    }

    /** Those since an earlier look at the same process; all of a process that has started anew. */
    FaultTimes since(@Nullable FaultTimes earlier) {
        if (earlier == null || earlier.total() > total()) {
            return this;
        }
        TreeMap<Double, Double> since = new TreeMap<>();
        counts.forEach((bound, count) -> since.put(bound, count - earlier.counts.getOrDefault(bound, 0.0)));
        return new FaultTimes(since);
    }

    double total() {
        return counts.isEmpty() ? 0 : counts.lastEntry().getValue();
    }

    /** What that share of the faults did not exceed, in seconds, even within a bucket; the last finite bound at most. */
    double quantile(double share) {
        double wanted = share * total();
        double below = 0;
        double from = 0;
        for (Map.Entry<Double, Double> bucket : counts.entrySet()) {
            double bound = bucket.getKey();
            double upTo = bucket.getValue();
            if (upTo >= wanted && upTo > below) {
                return Double.isInfinite(bound) ? from : from + (bound - from) * (wanted - below) / (upTo - below);
            }
            below = upTo;
            from = bound;
        }
        return from;
    }
}
