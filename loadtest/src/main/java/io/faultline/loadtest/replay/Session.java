// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import io.faultline.loadtest.grpc.FaultOutcome;
import io.faultline.loadtest.grpc.FaultStream;
import io.faultline.loadtest.grpc.GuestStream;
import io.faultline.loadtest.grpc.VmClient;
import io.faultline.loadtest.guest.GuestCounters;
import io.faultline.loadtest.guest.GuestHost;
import io.faultline.loadtest.guest.GuestKernel;
import io.faultline.loadtest.trace.Dealing;
import io.faultline.loadtest.trace.Recording;
import io.faultline.model.Access;
import io.faultline.model.PageSource;
import io.faultline.model.Resolution;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.Statuses;
import io.faultline.rpc.Turn;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One replay in progress: the guest kernel on one side, the streams on the other, and the checks in between. Loop thread
 * only, but for {@link #done}.
 */
final class Session implements GuestHost, FaultLine.Listener, GuestStream.Listener {
    private static final long WATCH_INTERVAL_NS = 1_000_000_000L;
    private static final double NS_PER_S = 1e9;
    /** Accesses that are due within less than this begin together. */
    private static final long TICK_NS = 100_000;

    private static final long NOT_SUPPORTED = -1;
    private static final byte[] NOTHING = {};

    /**
     * What a session talks to.
     *
     * @param loop its loop
     * @param faults the connection to vcpu-service
     * @param notifications the connection to notifier-service
     * @param vm the slow path to vcpu-service
     */
    record Connections(ServiceLoop loop, ManagedChannel faults, ManagedChannel notifications, VmClient vm) {}

    /**
     * What the guest is made of.
     *
     * @param layout where things are in its memory
     * @param dealing what its tasks do
     * @param silenceMaxNs how long no outcome may come before the replay counts as stalled
     * @param timeNs after how long from its start the guest ends early; 0 for never
     */
    record Plan(GuestLayout layout, Dealing dealing, long silenceMaxNs, long timeNs) {}

    /**
     * Who hears of a session.
     *
     * @param progress how far it is
     * @param observer each fault
     */
    record Listeners(ReplayProgress progress, ReplayObserver observer) {}

    private final ReplaySettings settings;
    private final Connections connections;
    private final Recording recording;
    private final Stamps stamps;
    private final Listeners listeners;
    private final Turn turn;
    private final FaultLine faultLine;
    private final GuestKernel kernel;
    private final Reboots reboots;
    private final Pace pace;
    private final Timetable timetable;
    private final int taskCount;
    private final long timeNs;
    private final long silenceMaxNs;
    private final int pageShift;
    private final int[] storedCounter;
    private final long[] raisedNs;
    /** The fault that moves an access's bytes; others for the same access only wait for the page. */
    private final long[] carrier;

    private final Tally tally = new Tally();
    private final Standstills standstills = new Standstills();
    private final Notes notes = new Notes();
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private @Nullable GuestStream guestStream;
    private @Nullable Future<?> watch;
    private @Nullable Future<?> end;
    private boolean isOver;
    private boolean isTimeUp;
    private boolean isCut;
    private boolean isBack;
    private boolean isGuestLost;
    private long lastOutcomeNs;
    private long beganNs;
    private long endedNs;

    Session(
            ReplaySettings settings,
            Connections connections,
            Recording recording,
            Plan plan,
            Stamps stamps,
            Listeners listeners) {
        this.settings = settings;
        this.connections = connections;
        this.recording = recording;
        this.stamps = stamps;
        this.listeners = listeners;
        turn = new Turn(connections.loop());
        faultLine = new FaultLine(settings, connections, turn, this);
        kernel = new GuestKernel(
                this,
                settings.vm().vcpuIds(),
                plan.layout().areaIpa(),
                plan.dealing().faultsOfTasks());
        reboots = new Reboots(connections.loop(), kernel, settings.reconnectMax(), this::bootAgain);
        if (plan.dealing().busyTaskCount() < plan.dealing().taskCount()) {
            notes.add("only " + plan.dealing().busyTaskCount() + " of "
                    + plan.dealing().taskCount() + " tasks have something to do: the recording has "
                    + recording.threads().size() + " threads, and a thread is not divided");
        }
        taskCount = plan.dealing().taskCount();
        timeNs = plan.timeNs();
        pace = new Pace(settings.faultsPerSMax());
        timetable = new Timetable(settings.schedule(), recording);
        silenceMaxNs = plan.silenceMaxNs();
        pageShift = recording.addressMap().pageShift();
        storedCounter = new int[recording.faultCount()];
        raisedNs = new long[recording.faultCount()];
        carrier = new long[recording.faultCount()];
    }

    /** Completes when every task has finished, or with a {@link ReplayException}. */
    CompletableFuture<Void> done() {
        return done;
    }

    void start() {
        beganNs = connections.loop().nowNs();
        lastOutcomeNs = beganNs;
        listeners.observer().began(taskCount, recording.addressMap().pageCount(), beganNs);
        watch = connections.loop().schedule(this::watch, WATCH_INTERVAL_NS);
        if (timeNs > 0) {
            end = connections.loop().schedule(this::cutShort, timeNs);
        }
        kernel.dueBefore(timetable.dueBefore(beganNs));
        if (settings.guest().usesAsyncFaults()) {
            kernel.boot();
        } else {
            kernel.startSynchronously();
        }
        carryOn();
    }

    /** Lets go of the streams, whatever came of the replay. */
    void close() {
        isOver = true;
        if (watch != null) {
            watch.cancel(false);
        }
        if (end != null) {
            end.cancel(false);
        }
        faultLine.complete();
        if (guestStream != null) {
            guestStream.complete();
        }
    }

    /** What came of a replay that was {@link #done}; on any thread. Null for pages that were not read back. */
    ReplayResult result(VmClient.LastCounters last, double populateS, @Nullable ReadBack readBack) {
        GuestCounters guest = kernel.counters();
        return new ReplayResult(
                guest.faultsRaised(),
                guest.faultsRetried(),
                tally.outcomes(),
                tally.syncReasons(),
                tally.sources(),
                tally.asyncOutcomes(),
                new ReplayResult.Notifications(
                        guest.notPresentHandled(), guest.pageReadyHandled(), guest.wakeAllHandled()),
                new ReplayResult.Integrity(tally.checks(), tally.checks(PageSource.SWAP_STORE), tally.mismatchCount()),
                readBack == null ? null : readBack.result(),
                last.pagesWrittenOut(),
                tally.syncLatency(),
                tally.asyncLatency(),
                timetable.result(),
                populateS,
                (endedNs - beganNs) / NS_PER_S,
                standstills.totalNs() / NS_PER_S,
                recording.badLines(),
                broken(last, readBack),
                notes.all());
    }

    private List<String> broken(VmClient.LastCounters last, @Nullable ReadBack readBack) {
        boolean isUndisturbed =
                settings.interruption().equals(ReplaySettings.Interruption.NONE) && !isGuestLost && tally.breaks() == 0;
        List<String> broken = new ArrayList<>(Invariants.broken(settings, kernel, tally, last, isUndisturbed));
        if (readBack != null) {
            broken.addAll(readBack.broken(settings.vm().id()));
        }
        return broken;
    }

    @Override
    public void raise(int vcpuId, long sequence, int access, boolean retry) {
        long waitNs = pace.waitNs(connections.loop().nowNs());
        if (waitNs == 0) {
            raiseNow(vcpuId, sequence, access, retry);
        } else {
            long breaks = tally.breaks();
            connections.loop().executeAfter(() -> raiseUnlessLost(breaks, vcpuId, sequence, access, retry), waitNs);
        }
    }

    /** A fault that still waited for its time when the stream broke counts as lost with it. */
    private void raiseUnlessLost(long breaks, int vcpuId, long sequence, int access, boolean retry) {
        if (breaks == tally.breaks()) {
            raiseNow(vcpuId, sequence, access, retry);
        }
    }

    private void raiseNow(int vcpuId, long sequence, int access, boolean retry) {
        if (isOver) {
            return;
        }
        int page = recording.pageIndex(access);
        long gfn = recording.addressMap().gfn(page);
        long ipa = (gfn << pageShift) + Stamp.offset(gfn, 1 << pageShift);
        Access kind = recording.access(access);
        long nowNs = connections.loop().nowNs();
        standstills.began(sequence, nowNs);
        listeners
                .observer()
                .raised(new ReplayObserver.Fault(vcpuId, kernel.taskOfAccess(access), page, sequence), nowNs);
        FaultStream.FaultRequest request =
                new FaultStream.FaultRequest(sequence, vcpuId, ipa, kind, recording.privilege(access));
        if (retry) {
            faultLine.raise(request, 0, NOTHING);
            return;
        }
        carrier[access] = sequence;
        if (raisedNs[access] == 0) {
            raisedNs[access] = nowNs;
            timetable.raised(access, nowNs);
            storedCounter[access] = stamps.begin(page, kind == Access.WRITE);
        } else {
            stamps.repeat(page);
        }
        int counter = storedCounter[access];
        faultLine.raise(request, Stamp.BYTES, counter == 0 ? NOTHING : stamps.toStore(gfn, counter));
    }

    @Override
    public void attach(int vcpuId, long callId) {
        if (guestStream == null) {
            guestStream = new GuestStream(
                    connections.loop(),
                    turn,
                    connections.notifications(),
                    settings.vm().id(),
                    kernel,
                    this);
        }
        guestStream.attach(vcpuId, callId);
    }

    @Override
    public void sdeiCall(int vcpuId, long callId, int function, long... arguments) {
        if (guestStream != null) {
            guestStream.sdeiCall(vcpuId, callId, function, arguments);
        }
    }

    @Override
    public void clearArea(int vcpuId) {
        if (guestStream != null) {
            guestStream.clearArea(vcpuId);
        }
    }

    @Override
    public void acknowledge(int vcpuId, long callId) {
        if (guestStream != null) {
            guestStream.acknowledge(vcpuId, callId);
        }
    }

    @Override
    public void hypercall(int vcpuId, int function, long argument) {
        connections.vm().hypercall(vcpuId, function, argument, result -> hypercallReturned(vcpuId, result), status -> {
            notes.add("hypercall " + function + " of vCPU " + vcpuId + " failed: " + Statuses.describe(status));
            hypercallReturned(vcpuId, NOT_SUPPORTED);
        });
    }

    private void hypercallReturned(int vcpuId, long result) {
        kernel.hypercallReturned(vcpuId, result);
        carryOn();
    }

    @Override
    public void outcome(FaultOutcome outcome) {
        lastOutcomeNs = connections.loop().nowNs();
        standstills.ended(outcome.sequence(), lastOutcomeNs);
        int access = GuestKernel.accessOf(outcome.sequence());
        boolean isKnown = access >= 0 && access < raisedNs.length;
        if (outcome.kind() == FaultOutcome.Kind.ASYNC) {
            tally.async();
            if (isKnown) {
                listeners.observer().wentAsync(kernel.taskOfAccess(access), outcome.sequence(), lastOutcomeNs);
            }
            kernel.faultAsync(outcome.sequence(), outcome.token());
            return;
        }
        if (isKnown) {
            long latencyNs = lastOutcomeNs - raisedNs[access];
            tally.ended(outcome, latencyNs);
            listeners.observer().ended(kernel.taskOfAccess(access), outcome, latencyNs, lastOutcomeNs);
            if (outcome.kind() != FaultOutcome.Kind.FAILED) {
                timetable.mapped(access, lastOutcomeNs);
            }
            if (carrier[access] == outcome.sequence()) {
                check(access, outcome);
            }
        }
        kernel.faultEnded(outcome.sequence(), outcome.token(), outcome.resolution() == Resolution.DROPPED);
        interruptWhenDue();
    }

    private void check(int access, FaultOutcome outcome) {
        int page = recording.pageIndex(access);
        if (outcome.kind() == FaultOutcome.Kind.FAILED) {
            stamps.abort(page);
            return;
        }
        long gfn = recording.addressMap().gfn(page);
        String wrong = stamps.end(page, gfn, storedCounter[access], outcome.loaded());
        tally.checked(outcome.source());
        if (wrong != null) {
            tally.mismatched("gfn 0x" + Long.toHexString(gfn) + " from "
                    + (outcome.source() == PageSource.NONE ? "nowhere" : outcome.source()) + ": " + wrong);
        }
    }

    @Override
    public void endOfBatch() {
        listeners.progress().reached(ReplayProgress.Phase.REPLAY, tally.terminalOutcomes(), recording.faultCount());
        carryOn();
    }

    @Override
    public void faultLineLost(Status status) {
        if (!isOver) {
            int faults = kernel.faultsLost();
            tally.told(faults);
            standstills.lost(connections.loop().nowNs());
            listeners.observer().told(faults, connections.loop().nowNs());
            notes.add("the fault stream to " + settings.services().vcpuAddress() + " ended with " + faults
                    + " faults in flight: " + Statuses.describe(status));
        }
    }

    @Override
    public void faultLineBack() {
        carryOn();
    }

    @Override
    public void faultLineEnded(ReplayException.Kind kind, String message, Status status) {
        fail(kind, message, status);
    }

    @Override
    public void guestStreamEnded(Status status) {
        if (!isOver) {
            isGuestLost = true;
            guestStream = null;
            kernel.allDetached();
            if (reboots.lost()) {
                notes.add("the guest's connection to " + settings.services().notifierAddress() + " ended: "
                        + Statuses.describe(status));
            }
            carryOn();
        }
    }

    private void bootAgain() {
        if (!isOver) {
            connections.notifications().resetConnectBackoff();
            kernel.boot();
            carryOn();
        }
    }

    private void interruptWhenDue() {
        ReplaySettings.Interruption when = settings.interruption();
        long ended = tally.terminalOutcomes();
        if (!isCut && when.detachAfter() > 0 && ended >= when.detachAfter()) {
            isCut = true;
            if (guestStream != null) {
                guestStream.cut();
                guestStream = null;
            }
            kernel.allDetached();
        }
        if (isCut && !isBack && when.reattachAfter() > 0 && ended >= when.reattachAfter()) {
            isBack = true;
            kernel.boot();
        }
    }

    /** Ends the guest early: each task after one access more at most. */
    void cutShort() {
        if (isOver || isTimeUp) {
            return;
        }
        isTimeUp = true;
        notes.add("cut short after " + tally.terminalOutcomes() + " of " + recording.faultCount()
                + " faults: the time was up");
        timetable.timeIsUp(connections.loop().nowNs());
        kernel.cutShort();
        carryOn();
    }

    /** Lets what is due begin, and comes again when the next access is. */
    private void release() {
        if (isOver || isTimeUp) {
            return;
        }
        long nowNs = connections.loop().nowNs();
        int dueBefore = timetable.dueBefore(nowNs);
        kernel.dueBefore(dueBefore);
        if (dueBefore < recording.faultCount()) {
            connections.loop().executeAfter(this::release, Math.max(TICK_NS, timetable.nextNs() - nowNs));
        }
        carryOn();
    }

    private void carryOn() {
        if (!isOver && faultLine.isOpen()) {
            reboots.look();
            kernel.run();
            if (timetable.isToBegin() && kernel.isStarted()) {
                timetable.begin(connections.loop().nowNs());
                connections.loop().execute(this::release);
            }
            if (kernel.isFinished()) {
                isOver = true;
                endedNs = connections.loop().nowNs();
                int neverRaised = timetable.ended(endedNs);
                if (neverRaised > 0) {
                    notes.add(
                            neverRaised
                                    + " accesses that were due when the time was up never began: they count as late until the end");
                }
                listeners.observer().finished(endedNs);
                done.complete(null);
            }
        }
    }

    private void watch() {
        boolean isIdle = kernel.isStarted()
                && kernel.counters().faultsRaised() == tally.terminalOutcomes() + tally.told()
                && (reboots.isTrying() || !kernel.hasSleepers());
        if (isIdle || !faultLine.isOpen()) {
            // Nothing is asked for: the next access is not due yet, or cannot be raised.
            lastOutcomeNs = connections.loop().nowNs();
        }
        long silenceNs = connections.loop().nowNs() - lastOutcomeNs;
        if (silenceNs > silenceMaxNs) {
            fail(
                    ReplayException.Kind.STALLED,
                    "no outcome for " + silenceNs / NS_PER_S + " s; the guest waits in this state:\n"
                            + kernel.describe(),
                    Status.DEADLINE_EXCEEDED);
        } else if (!isOver) {
            watch = connections.loop().schedule(this::watch, WATCH_INTERVAL_NS);
        }
    }

    private void fail(ReplayException.Kind kind, String message, Status status) {
        if (!isOver) {
            isOver = true;
            endedNs = connections.loop().nowNs();
            done.completeExceptionally(new ReplayException(kind, message, status.asException()));
        }
    }
}
