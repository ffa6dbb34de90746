// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.course;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Locale;

/** A course as a JSON object; its keys are part of the command's contract. Stateless. */
public final class CourseJson {
    private static final double ROUNDING = 1e6;

    private CourseJson() {}

    /** The object: each measure of each process with its judgement, and every sample with its time. */
    public static JsonObject of(Course course) {
        JsonObject json = new JsonObject();
        json.addProperty("run_s", rounded(course.runS()));
        json.addProperty("judged", course.isJudged());
        JsonArray all = new JsonArray();
        course.series().forEach(each -> all.add(series(each, course.verdict(each))));
        json.add("series", all);
        return json;
    }

    private static JsonObject series(Series of, Flatness.Verdict verdict) {
        JsonObject json = new JsonObject();
        json.addProperty("process", of.process());
        json.addProperty("measure", of.measure().key());
        json.addProperty("verdict", verdict.kind().name().toLowerCase(Locale.ROOT));
        json.addProperty("median", rounded(verdict.median()));
        json.addProperty("growth", rounded(verdict.growth()));
        json.addProperty("growth_max", rounded(verdict.allowed()));
        JsonArray times = new JsonArray();
        JsonArray values = new JsonArray();
        for (int i = 0; i < of.size(); i++) {
            times.add(rounded(of.time(i)));
            values.add(rounded(of.value(i)));
        }
        json.add("times_s", times);
        json.add("values", values);
        return json;
    }

    private static double rounded(double value) {
        return Math.round(value * ROUNDING) / ROUNDING;
    }
}
