// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report.history;

import io.faultline.loadtest.grpc.FaultOutcome;
import io.faultline.loadtest.replay.ReplayObserver;
import io.faultline.loadtest.replay.TerminalKind;
import io.faultline.loadtest.report.history.TimelineSample.Span;
import io.faultline.loadtest.report.history.TimelineSample.State;
import io.faultline.loadtest.trace.info.WorkingSet;
import io.faultline.model.PageSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Notes what a report draws: outcomes, tiers, standstills, parked tasks and the working set over time, latencies, and a
 * stretch of the tasks' life. Its memory is bounded whatever the run's length: slots that double in width, histograms, a
 * sample, and some bytes a task and a page. One replay; written by its loop, read by others once it is over.
 */
public final class RunRecorder implements ReplayObserver {
    private static final List<TerminalKind> KINDS = List.of(TerminalKind.values());
    private static final int STANDING_NS = 0;
    private static final int PARKED_NS = STANDING_NS + 1;
    private static final int OUTCOMES = PARKED_NS + 1;
    private static final int SOURCES = OUTCOMES + KINDS.size();
    private static final int SERIES = SOURCES + PageSource.values().length;
    private static final long NS_PER_MS = 1_000_000;

    private final TimeSlots slots = new TimeSlots(SERIES);
    private final LatencySpread latencies = new LatencySpread();
    private final WorkingSet workingSet = new WorkingSet();
    private final TimelineSample timeline = new TimelineSample();
    private final Map<State, Long> nsInState = new EnumMap<>(State.class);
    private TaskState[] tasks = {};
    private long[] lastTouchMs = {};
    private long beganNs;
    private long atNs;
    private int standing;
    private int parked;

    /** What a task is in the midst of. */
    private static final class TaskState {
        private int vcpuId;
        private long sequence;
        /** Null while it runs or waits to run. */
        private @Nullable State state;

        private long sinceNs;
    }

    @Override
    public void began(int taskCount, int pages, long nowNs) {
        beganNs = nowNs;
        tasks = new TaskState[taskCount];
        Arrays.setAll(tasks, _ -> new TaskState());
        lastTouchMs = new long[pages];
        Arrays.fill(lastTouchMs, WorkingSet.NEVER);
    }

    @Override
    public void raised(Fault fault, long nowNs) {
        long timeNs = advance(nowNs);
        TaskState task = tasks[fault.task()];
        leave(fault.task(), State.PARKED, timeNs);
        task.vcpuId = fault.vcpuId();
        task.sequence = fault.sequence();
        enter(task, State.STANDING_STILL, timeNs);
        long timeMs = timeNs / NS_PER_MS;
        workingSet.addFault(timeMs);
        workingSet.addPage(lastTouchMs[fault.page()], 1);
        lastTouchMs[fault.page()] = timeMs;
    }

    @Override
    public void wentAsync(int task, long sequence, long nowNs) {
        if (tasks[task].sequence == sequence && tasks[task].state == State.STANDING_STILL) {
            long timeNs = advance(nowNs);
            leave(task, State.ASKING, timeNs);
            enter(tasks[task], State.PARKED, timeNs);
        }
    }

    @Override
    public void ended(int task, FaultOutcome outcome, long latencyNs, long nowNs) {
        long timeNs = advance(nowNs);
        TerminalKind kind = TerminalKind.of(outcome);
        slots.add(OUTCOMES + KINDS.indexOf(kind), timeNs, 1);
        slots.add(SOURCES + outcome.source().code(), timeNs, 1);
        latencies.add(FaultWay.of(kind), outcome.source(), latencyNs);
        // A wake-all makes a task fault again while its first fault is under way: the later one is what it is at.
        if (tasks[task].sequence == outcome.sequence()) {
            boolean wasThere = kind == TerminalKind.MAPPED_RESIDENT || kind == TerminalKind.MAPPED_ZERO_FILL;
            leave(task, wasThere ? State.MAPPING : State.STANDING_STILL, timeNs);
        }
    }

    @Override
    public void finished(long nowNs) {
        timeline.finish(unfinished(advance(nowNs)));
    }

    /** How many faults ended so, by slot. */
    long[] outcomes(TerminalKind kind) {
        return slots.sums(OUTCOMES + KINDS.indexOf(kind));
    }

    /** How many pages came from there, by slot. */
    long[] pages(PageSource source) {
        return slots.sums(SOURCES + source.code());
    }

    /** For how long vCPUs stood still, all together, in nanoseconds by slot. */
    long[] standingNs() {
        return slots.sums(STANDING_NS);
    }

    /** For how long tasks were parked, all together, in nanoseconds by slot. */
    long[] parkedNs() {
        return slots.sums(PARKED_NS);
    }

    /** For how long tasks were in a state, all together, in nanoseconds. */
    long nsIn(State state) {
        return nsInState.getOrDefault(state, 0L);
    }

    /** How long a slot is, in nanoseconds. */
    long slotNs() {
        return slots.widthNs();
    }

    /** Distinct pages by interval; times are milliseconds. */
    WorkingSet workingSet() {
        return workingSet;
    }

    LatencySpread latencies() {
        return latencies;
    }

    List<Span> timeline() {
        return timeline.spans();
    }

    /** Accounts for the time since the last call; how long the run has lasted now. */
    private long advance(long nowNs) {
        long timeNs = nowNs - beganNs;
        slots.addOver(STANDING_NS, atNs, timeNs, standing);
        slots.addOver(PARKED_NS, atNs, timeNs, parked);
        atNs = timeNs;
        return timeNs;
    }

    private void enter(TaskState task, State state, long timeNs) {
        task.state = state;
        task.sinceNs = timeNs;
        if (state == State.PARKED) {
            parked++;
        } else {
            standing++;
        }
    }

    /** Ends what a task is at; {@code standingAs} is what a standstill turns out to have been. */
    private void leave(int number, State standingAs, long timeNs) {
        TaskState task = tasks[number];
        if (task.state == null) {
            return;
        }
        State state = task.state == State.PARKED ? State.PARKED : standingAs;
        if (state == State.PARKED) {
            parked--;
        } else {
            standing--;
        }
        task.state = null;
        nsInState.merge(state, timeNs - task.sinceNs, Long::sum);
        if (timeline.wants(number, timeNs)
                && timeline.ended(new Span(task.vcpuId, number, state, task.sinceNs, timeNs))) {
            timeline.close(unfinished(timeNs));
        }
    }

    /** Of standstills it is not known yet what they are. */
    private List<Span> unfinished(long timeNs) {
        List<Span> spans = new ArrayList<>();
        for (int task = 0; task < tasks.length && TimelineSample.isWatched(task); task++) {
            State state = tasks[task].state;
            if (state == State.PARKED) {
                spans.add(new Span(tasks[task].vcpuId, task, state, tasks[task].sinceNs, timeNs));
            }
        }
        return spans;
    }
}
