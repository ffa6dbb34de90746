// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

/**
 * What stands before an event's own text, as three programs print it. Not thread-safe.
 *
 * <pre>
 *  redis-server-9644    [001] d....  2489.559348: page_fault_user: …        ftrace (kernel/trace/trace_output.c)
 *  CPU 0/KVM-2851  ( 2843) [001] d....  2489.559348: kvm_page_fault: …     ftrace with the record-tgid option
 *  CPU 0/KVM-2851  [001]  2489.559348: kvm_page_fault:       …              trace-cmd report; newer ones print flags
 *  CPU 0/KVM  2851 [001]  2489.559348: kvm:kvm_page_fault: …                perf script; with -F +pid it is 2843/2851
 * </pre>
 *
 * <p>A thread's name may hold blanks, dashes and brackets: it is what stands before the first number that a "[cpu]" and a
 * time follow. Times are seconds with a fraction of any length, or, of a clock that counts something else, whole numbers,
 * which are taken for nanoseconds.
 */
final class TracepointHeader {
    private static final long NS_PER_SECOND = 1_000_000_000L;

    private int nameStart;
    private int nameEnd;
    private int threadId;
    private long timeNs;
    private int eventStart;
    private int eventEnd;

    int nameStart() {
        return nameStart;
    }

    int nameEnd() {
        return nameEnd;
    }

    int threadId() {
        return threadId;
    }

    long timeNs() {
        return timeNs;
    }

    /** Where the event's name begins, without its subsystem. */
    int eventStart() {
        return eventStart;
    }

    int eventEnd() {
        return eventEnd;
    }

    /** Whether a line has such a header; the line's place is then behind the colon after the event's name. */
    boolean parse(Line line) {
        byte[] bytes = line.bytes();
        line.moveTo(line.start());
        line.skipBlanks();
        nameStart = line.at();
        for (int open = nameStart; open < line.end(); open++) {
            if (bytes[open] == '[' && takeThread(bytes, open) && takeCpu(line, open) && takeTimeAndEvent(line)) {
                return true;
            }
        }
        return false;
    }

    /** Reads backwards from a bracket: blanks, perhaps a column in round brackets, the thread's number, its name. */
    private boolean takeThread(byte[] bytes, int open) {
        int i = skipBlanksBack(bytes, open);
        if (i == open) {
            return false;
        }
        if (i > nameStart && bytes[i - 1] == ')') {
            while (i > nameStart && bytes[i - 1] != '(') {
                i--;
            }
            i = skipBlanksBack(bytes, i - 1);
        }
        int end = i;
        i = skipDigitsBack(bytes, i);
        if (i == end || i <= nameStart || !takeThreadId(bytes, i, end)) {
            return false;
        }
        if (bytes[i - 1] == '/') {
            i = skipDigitsBack(bytes, i - 1);
        }
        if (i <= nameStart) {
            return false;
        }
        if (bytes[i - 1] == '-') {
            nameEnd = i - 1;
        } else {
            nameEnd = skipBlanksBack(bytes, i);
            if (nameEnd == i) {
                return false;
            }
        }
        return nameEnd > nameStart;
    }

    private boolean takeThreadId(byte[] bytes, int start, int end) {
        long number = 0;
        for (int i = start; i < end && number <= Integer.MAX_VALUE; i++) {
            number = number * 10 + bytes[i] - '0';
        }
        threadId = (int) number;
        return number <= Integer.MAX_VALUE;
    }

    private static boolean takeCpu(Line line, int open) {
        line.moveTo(open + 1);
        return line.takeDecimal() && line.take(']') && takeBlanks(line);
    }

    private boolean takeTimeAndEvent(Line line) {
        if (!takeTime(line)) {
            skipToken(line);
            if (!takeBlanks(line) || !takeTime(line)) {
                return false;
            }
        }
        if (!takeBlanks(line)) {
            return false;
        }
        int place = line.at();
        if (line.takeDecimal() && !takeBlanks(line)) { // The sample's period, when perf was asked for it.
            line.moveTo(place);
        }
        return takeEvent(line);
    }

    private boolean takeTime(Line line) {
        int place = line.at();
        if (!line.takeDecimal()) {
            return false;
        }
        timeNs = line.value();
        if (line.take('.')) {
            line.moveTo(place);
            if (!line.takeTimes(NS_PER_SECOND)) {
                return false;
            }
            timeNs = line.value();
        }
        if (line.take(':')) {
            return true;
        }
        line.moveTo(place);
        return false;
    }

    private boolean takeEvent(Line line) {
        byte[] bytes = line.bytes();
        eventStart = line.at();
        for (int i = eventStart; i < line.end(); i++) {
            if (bytes[i] == ':') {
                if (i == eventStart) {
                    return false;
                }
                if (i + 1 < line.end() && isNameCharacter(bytes[i + 1])) {
                    eventStart = i + 1; // That was the subsystem.
                } else {
                    eventEnd = i;
                    line.moveTo(i + 1);
                    return true;
                }
            } else if (!isNameCharacter(bytes[i])) {
                return false;
            }
        }
        return false;
    }

    private static boolean takeBlanks(Line line) {
        int before = line.at();
        line.skipBlanks();
        return line.at() > before;
    }

    private static void skipToken(Line line) {
        int i = line.at();
        while (i < line.end() && !Line.isBlank(line.bytes()[i])) {
            i++;
        }
        line.moveTo(i);
    }

    private int skipBlanksBack(byte[] bytes, int from) {
        int i = from;
        while (i > nameStart && Line.isBlank(bytes[i - 1])) {
            i--;
        }
        return i;
    }

    private int skipDigitsBack(byte[] bytes, int from) {
        int i = from;
        while (i > nameStart && isDigit(bytes[i - 1])) {
            i--;
        }
        return i;
    }

    private static boolean isDigit(byte character) {
        return character >= '0' && character <= '9';
    }

    private static boolean isNameCharacter(byte character) {
        int lower = character | ' ';
        return (lower >= 'a' && lower <= 'z') || isDigit(character) || character == '_' || character == '.';
    }
}
