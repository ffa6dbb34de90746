// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.course;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A course as lines for a person: of each process its measures, with what they grew by. Stateless. */
public final class CourseTable {
    private static final int NAME_WIDTH = 18;
    private static final int COLUMN_WIDTH = 15;

    private CourseTable() {}

    /** The lines; one that says why there is no more where the course is not judged. */
    public static List<String> of(Course course) {
        if (!course.isJudged()) {
            return List.of("What the services took is judged in runs of %.0f minutes or more."
                    .formatted(Course.JUDGED_FROM_S / 60));
        }
        List<String> lines = new ArrayList<>();
        lines.add("What the services took, median after the first third and by how much it grew since");
        for (Set<Measure> columns : List.of(Measure.OF_A_SERVICE, Measure.OF_FAULTS)) {
            Map<String, Map<Measure, Series>> rows = new LinkedHashMap<>();
            course.series().stream()
                    .filter(each -> columns.contains(each.measure()))
                    .forEach(each -> rows.computeIfAbsent(each.process(), _ -> new EnumMap<>(Measure.class))
                            .put(each.measure(), each));
            lines.add(heads(columns));
            rows.forEach((process, own) -> lines.add(row(process, columns, own, course)));
        }
        return lines;
    }

    private static String heads(Set<Measure> columns) {
        StringBuilder line = new StringBuilder(" ".repeat(NAME_WIDTH));
        columns.forEach(measure -> line.append(cell(measure.head())));
        return line.toString();
    }

    private static String row(String process, Set<Measure> columns, Map<Measure, Series> own, Course course) {
        StringBuilder line = new StringBuilder(("  %-" + (NAME_WIDTH - 2) + "s").formatted(process));
        columns.forEach(measure ->
                line.append(cell(own.containsKey(measure) ? shown(measure, course.verdict(own.get(measure))) : "")));
        return line.toString();
    }

    private static String shown(Measure measure, Flatness.Verdict verdict) {
        return verdict.kind() == Flatness.Kind.NOT_JUDGED
                ? "not judged"
                : "%s %+.1f".formatted(measure.number(verdict.median()), measure.inUnits(verdict.growth()));
    }

    private static String cell(String text) {
        return ("%" + COLUMN_WIDTH + "s").formatted(text);
    }
}
