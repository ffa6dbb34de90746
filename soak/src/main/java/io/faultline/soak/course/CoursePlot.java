// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.course;

import java.util.List;
import java.util.Locale;

/**
 * A course as a picture: a panel for each measure, a line for each process, the part that is not judged shaded. An SVG image
 * that stands alone and follows its reader's light or dark. One use, one thread.
 */
public final class CoursePlot {
    private static final int WIDTH = 860;
    private static final int LEFT = 64;
    private static final int RIGHT = 20;
    private static final int HEAD = 44;
    private static final int PANEL = 112;
    private static final int PANEL_TITLE = 22;
    private static final int GRAPH = PANEL - PANEL_TITLE - 14;
    private static final int FOOT = 34;
    private static final int TICKS = 8;
    private static final double S_PER_MINUTE = 60;
    /** Of Okabe and Ito: told apart by those who see few colours too. */
    private static final List<String> COLOURS =
            List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#999999");

    private static final String STYLE = """
            <style>
              text { font: 12px system-ui, sans-serif; fill: #24292f }
              .title { font-weight: 600 }
              .axis { stroke: #8c959f; stroke-width: 1 }
              .early { fill: #8c959f; opacity: .14 }
              .line { fill: none; stroke-width: 1.6; stroke-linejoin: round }
              @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } }
            </style>
            """;

    private final Course course;
    private final List<String> processes;
    private final StringBuilder svg = new StringBuilder();

    private CoursePlot(Course course) {
        this.course = course;
        processes = course.series().stream().map(Series::process).distinct().toList();
    }

    /** The image. */
    public static String of(Course course) {
        return new CoursePlot(course).draw();
    }

    private String draw() {
        List<Measure> measures = course.series().stream()
                .map(Series::measure)
                .distinct()
                .sorted()
                .toList();
        int height = HEAD + PANEL * measures.size() + FOOT;
        add("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\">\n", WIDTH, height);
        add("<title>What each process took in %.0f s</title>\n", course.runS());
        svg.append(STYLE);
        legend();
        for (int i = 0; i < measures.size(); i++) {
            panel(measures.get(i), HEAD + i * PANEL);
        }
        timeAxis(HEAD + PANEL * measures.size());
        svg.append("</svg>\n");
        return svg.toString();
    }

    private void legend() {
        int x = LEFT;
        for (String process : processes) {
            add("<path class=\"line\" stroke=\"%s\" d=\"M%d 20h18\"/>", colour(process), x);
            add("<text x=\"%d\" y=\"24\">%s</text>\n", x + 24, process);
            x += 24 + 8 * process.length() + 16;
        }
    }

    private void panel(Measure measure, int top) {
        List<Series> lines = course.series().stream()
                .filter(each -> each.measure() == measure && each.size() > 0)
                .toList();
        Axis axis = Axis.of(measure, lines);
        int bottom = top + PANEL_TITLE + GRAPH;
        add("<text class=\"title\" x=\"%d\" y=\"%d\">%s</text>\n", LEFT, top + 14, measure.title() + axis.words());
        add(
                "<rect class=\"early\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>",
                LEFT, top + PANEL_TITLE, x(course.runS() * Flatness.WARM_UP_SHARE) - LEFT, GRAPH);
        add(
                "<path class=\"axis\" fill=\"none\" d=\"M%d %dV%dH%d\"/>\n",
                LEFT, top + PANEL_TITLE, bottom, WIDTH - RIGHT);
        add(
                "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>",
                LEFT - 6, top + PANEL_TITLE + 10, plain(axis.to()));
        add("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", LEFT - 6, bottom, plain(axis.from()));
        lines.forEach(line -> line(line, bottom, axis));
    }

    private void line(Series line, int bottom, Axis axis) {
        add("<path class=\"line\" stroke=\"%s\" d=\"", colour(line.process()));
        for (int i = 0; i < line.size(); i++) {
            add("%s%.1f %.1f", i == 0 ? "M" : "L", x(line.time(i)), bottom - GRAPH * axis.share(line.value(i)));
        }
        svg.append("\"/>\n");
    }

    private void timeAxis(int top) {
        boolean isInMinutes = course.runS() >= Course.JUDGED_FROM_S;
        double unitS = isInMinutes ? S_PER_MINUTE : 1;
        double stepS = unitS * niceAbove(course.runS() / unitS / TICKS);
        for (int i = 0; i * stepS <= course.runS(); i++) {
            add(
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
                    x(i * stepS), top + 8, plain(i * stepS / unitS));
        }
        add(
                "<text x=\"%d\" y=\"%d\">Time in %s. Shaded: the beginning, which is not judged.</text>\n",
                LEFT, top + 26, isInMinutes ? "minutes" : "seconds");
    }

    private String colour(String process) {
        return COLOURS.get(processes.indexOf(process) % COLOURS.size());
    }

    private double x(double s) {
        return LEFT + (WIDTH - LEFT - RIGHT) * s / course.runS();
    }

    private static String plain(double value) {
        String text = String.format(Locale.ROOT, "%.2f", value);
        return text.replaceFirst("\\.?0+$", "");
    }

    @SuppressWarnings("AnnotateFormatMethod") // Every format is a literal above.
    private void add(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }

    /** The power of ten that is no more. */
    private static double power(double value) {
        return Math.pow(10, Math.floor(Math.log10(value)));
    }

    /** The least of 1, 2 and 5 times a power of ten that is no less. */
    private static double niceAbove(double value) {
        double power = power(value);
        return power * (value <= power ? 1 : value <= 2 * power ? 2 : value <= 5 * power ? 5 : 10);
    }

    /**
     * The upright axis of a panel: from 0 on, or for times, of which a few are a thousand times the others, by powers of ten.
     *
     * @param from its lower end, in the measure's unit
     * @param to its upper end
     */
    private record Axis(Measure measure, double from, double to, boolean isByPowers) {
        private static final double LEAST = 1e-3;

        static Axis of(Measure measure, List<Series> lines) {
            double min = Double.POSITIVE_INFINITY;
            double max = LEAST;
            for (Series line : lines) {
                for (int i = 0; i < line.size(); i++) {
                    min = Math.min(min, Math.max(LEAST, measure.inUnits(line.value(i))));
                    max = Math.max(max, measure.inUnits(line.value(i)));
                }
            }
            if (Measure.OF_FAULTS.contains(measure) && min <= max) {
                return new Axis(measure, power(min), 10 * power(max), true);
            }
            return new Axis(measure, 0, niceAbove(max), false);
        }

        /** How far up a value lies, from 0 to 1. */
        double share(double value) {
            double shown = measure.inUnits(value);
            return isByPowers
                    ? Math.log10(Math.max(from, shown) / from) / Math.log10(to / from)
                    : (shown - from) / (to - from);
        }

        String words() {
            return isByPowers ? ", by powers of ten" : "";
        }
    }
}
