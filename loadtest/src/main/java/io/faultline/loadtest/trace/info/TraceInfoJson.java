// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace.info;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.faultline.loadtest.trace.TraceReader;
import io.faultline.model.Access;
import io.faultline.model.Privilege;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What is found in a recording, for a program. */
final class TraceInfoJson {
    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();
    private static final int THREADS_MAX = 1_000;
    private static final int STEPS_PER_DOUBLING = 4;
    private static final double NS_PER_SECOND = 1e9;

    private TraceInfoJson() {}

    /** A JSON object. What a recording does not tell is left out. */
    static String of(Path file, TraceReader reader, TraceProfile profile) {
        JsonObject json = new JsonObject();
        json.addProperty("trace", file.toString());
        json.addProperty("description", reader.description());
        json.addProperty("compression", lower(reader.compression()));
        json.addProperty("address_space", lower(reader.addressSpace()));
        json.addProperty("bad_lines", reader.badLines());
        json.addProperty("other_events", reader.otherEvents());
        json.addProperty("lost_events_marks", reader.lostEventsMarks());
        json.addProperty("faults", profile.faults());
        json.addProperty("pages", profile.misses().pages());
        json.addProperty("page_size_bytes", profile.pageBytes());
        json.addProperty("page_sampling_rate", profile.misses().rate());
        json.add("accesses", accesses(profile));
        json.addProperty("kernel_faults", profile.count(Privilege.KERNEL));
        if (profile.hasTimes()) {
            double seconds = profile.duration() / NS_PER_SECOND;
            json.addProperty("duration_s", seconds);
            if (seconds > 0) {
                json.addProperty("faults_per_s", profile.faults() / seconds);
            }
        }
        json.addProperty("thread_count", profile.threads().size());
        json.add("threads", threads(profile));
        json.add("intervals", intervals(profile));
        json.add("lru_misses", misses(profile));
        return GSON.toJson(json);
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static JsonObject accesses(TraceProfile profile) {
        JsonObject json = new JsonObject();
        for (Access access : List.of(Access.READ, Access.WRITE, Access.EXECUTE)) {
            json.addProperty(lower(access), profile.count(access));
        }
        return json;
    }

    /** Those with the most faults. */
    private static JsonArray threads(TraceProfile profile) {
        JsonArray array = new JsonArray();
        for (TraceProfile.ThreadFaults thread : profile.threads()) {
            if (array.size() < THREADS_MAX) {
                JsonObject json = new JsonObject();
                json.addProperty("id", thread.id());
                json.addProperty("comm", thread.comm());
                json.addProperty("faults", thread.faults());
                array.add(json);
            }
        }
        return array;
    }

    private static JsonArray intervals(TraceProfile profile) {
        JsonArray array = new JsonArray();
        long from = 0;
        for (WorkingSet.Interval interval : profile.workingSet().intervals()) {
            JsonObject json = new JsonObject();
            if (profile.hasTimes()) {
                json.addProperty("from_s", from / NS_PER_SECOND);
            } else {
                json.addProperty("from_fault", from);
            }
            json.addProperty("faults", interval.faults());
            json.addProperty("pages", interval.pages());
            array.add(json);
            from += profile.workingSet().width();
        }
        return array;
    }

    private static JsonArray misses(TraceProfile profile) {
        JsonArray array = new JsonArray();
        long pages = profile.misses().pages();
        long capacity = 0;
        for (int step = 0; capacity < pages; step++) {
            long next = Math.round(Math.pow(2, (double) step / STEPS_PER_DOUBLING));
            if (next > capacity) {
                capacity = next;
                JsonObject json = new JsonObject();
                json.addProperty("capacity_pages", capacity);
                json.addProperty("misses", profile.misses().misses(capacity));
                array.add(json);
            }
        }
        return array;
    }
}
