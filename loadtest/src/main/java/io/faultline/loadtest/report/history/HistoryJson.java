// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report.history;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.faultline.loadtest.replay.TerminalKind;
import io.faultline.loadtest.trace.info.WorkingSet;
import io.faultline.model.PageSource;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;
import org.HdrHistogram.Histogram;

/** What a run noted of itself, as a member of its JSON object. Stateless. */
public final class HistoryJson {
    /** The percentiles that latencies are told at; 100 is the longest. */
    private static final double[] PERCENTILES = {
        0, 10, 20, 30, 40, 50, 60, 70, 80, 85, 90, 93, 95, 97, 98, 99, 99.5, 99.9, 99.95, 99.99, 100
    };

    private static final int BUCKETS_PER_DECADE = 10;
    private static final double NS_PER_US = 1e3;
    private static final double NS_PER_S = 1e9;
    private static final double MS_PER_S = 1e3;
    private static final double ROUNDING = 1e4;

    private HistoryJson() {}

    /** The object of a recorder whose replay is over. */
    public static JsonObject of(RunRecorder run) {
        JsonObject json = new JsonObject();
        json.addProperty("slot_s", run.slotNs() / NS_PER_S);
        json.add("outcomes", outcomes(run));
        json.add("sources", sources(run));
        json.add("vcpus_standing_still", array(run.standingNs(), ns -> rounded((double) ns / run.slotNs())));
        json.add("tasks_parked", array(run.parkedNs(), ns -> rounded((double) ns / run.slotNs())));
        json.add("tasks_s", secondsInStates(run));
        json.add("working_set", workingSet(run.workingSet()));
        json.add("latencies", latencies(run.latencies()));
        json.add("timeline", timeline(run.timeline()));
        return json;
    }

    private static JsonObject outcomes(RunRecorder run) {
        JsonObject json = new JsonObject();
        for (TerminalKind kind : TerminalKind.values()) {
            json.add(key(kind), array(run.outcomes(kind), count -> count));
        }
        return json;
    }

    private static JsonObject sources(RunRecorder run) {
        JsonObject json = new JsonObject();
        for (PageSource source : PageSource.values()) {
            if (source != PageSource.NONE) {
                json.add(key(source), array(run.pages(source), count -> count));
            }
        }
        return json;
    }

    /** Seconds that tasks spent in each state, all together. */
    private static JsonObject secondsInStates(RunRecorder run) {
        JsonObject json = new JsonObject();
        for (TimelineSample.State state : TimelineSample.State.values()) {
            json.addProperty(state.key(), rounded(run.nsIn(state) / NS_PER_S));
        }
        return json;
    }

    private static JsonObject workingSet(WorkingSet workingSet) {
        List<WorkingSet.Interval> intervals = workingSet.intervals();
        JsonObject json = new JsonObject();
        json.addProperty("slot_s", workingSet.width() / MS_PER_S);
        json.add(
                "pages",
                array(intervals.stream().mapToLong(WorkingSet.Interval::pages).toArray(), count -> count));
        return json;
    }

    private static JsonArray latencies(LatencySpread spread) {
        JsonArray array = new JsonArray();
        for (FaultWay way : FaultWay.values()) {
            Histogram all = spread.ofAllSources(way).ns();
            if (all.getTotalCount() > 0) {
                array.add(latency(way, "all", all));
                spread.of(way).forEach((source, part) -> array.add(latency(way, key(source), part.ns())));
            }
        }
        return array;
    }

    private static JsonObject latency(FaultWay way, String source, Histogram ns) {
        JsonObject json = new JsonObject();
        json.addProperty("outcome", way.key());
        json.addProperty("source", source);
        json.addProperty("count", ns.getTotalCount());
        JsonArray percentiles = new JsonArray();
        for (double percentile : PERCENTILES) {
            JsonArray pair = new JsonArray();
            pair.add(percentile);
            pair.add(ns.getValueAtPercentile(percentile) / NS_PER_US);
            percentiles.add(pair);
        }
        json.add("percentiles_us", percentiles);
        json.add("buckets", buckets(ns));
        return json;
    }

    /** Pairs of where a bucket begins, in microseconds, and how many faults it has. A tenth of a decade each, none empty. */
    private static JsonArray buckets(Histogram ns) {
        JsonArray array = new JsonArray();
        int bucket = 0;
        long count = 0;
        for (var value : ns.recordedValues()) {
            int ofValue = bucketOf(value.getValueIteratedTo());
            if (ofValue != bucket && count > 0) {
                array.add(pair(bucket, count));
                count = 0;
            }
            bucket = ofValue;
            count += value.getCountAddedInThisIterationStep();
        }
        if (count > 0) {
            array.add(pair(bucket, count));
        }
        return array;
    }

    /** Everything below a microsecond is in the first. */
    private static int bucketOf(long ns) {
        return ns < NS_PER_US ? 0 : (int) Math.floor(Math.log10(ns / NS_PER_US) * BUCKETS_PER_DECADE);
    }

    private static JsonArray pair(int bucket, long count) {
        JsonArray pair = new JsonArray();
        pair.add(rounded(Math.pow(10, (double) bucket / BUCKETS_PER_DECADE)));
        pair.add(count);
        return pair;
    }

    /** Spans as arrays, for there are many: vCPU, task, state, from and to in microseconds of the run. */
    private static JsonObject timeline(List<TimelineSample.Span> spans) {
        JsonArray array = new JsonArray();
        for (TimelineSample.Span span : spans) {
            JsonArray row = new JsonArray();
            row.add(span.vcpuId());
            row.add(span.task());
            row.add(span.state().key());
            row.add(span.fromNs() / NS_PER_US);
            row.add(span.toNs() / NS_PER_US);
            array.add(row);
        }
        JsonObject json = new JsonObject();
        json.add("spans_us", array);
        return json;
    }

    private static JsonArray array(long[] values, LongFunction<? extends Number> number) {
        JsonArray array = new JsonArray();
        for (long value : values) {
            array.add(number.apply(value));
        }
        return array;
    }

    private static String key(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static double rounded(double value) {
        return Math.round(value * ROUNDING) / ROUNDING;
    }
}
