// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import io.faultline.loadtest.grpc.CallQueue;
import io.faultline.loadtest.grpc.VmClient;
import io.faultline.loadtest.trace.Dealing;
import io.faultline.loadtest.trace.Memslot;
import io.faultline.loadtest.trace.Recording;
import io.faultline.loadtest.trace.TraceException;
import io.faultline.rpc.Channels;
import io.faultline.rpc.Reachability;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.Statuses;
import io.faultline.rpc.tls.PeerCredentials;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * Replays a recording against running services: registers a VM, fills its memory, boots a simulated guest in it, carries
 * out the recorded accesses in a closed loop, reads the memory back if asked to, and ends the VM again, whatever happens. One use. {@link #run} belongs on a
 * thread of the caller's, {@link #stop} and {@link #finish} on any other.
 */
public final class Replay {
    /** To one service, beside its streams. */
    static final int CALLS_IN_FLIGHT_MAX = 32;

    private static final double NS_PER_S = 1e9;
    private static final long SILENCE_MAX_NS = 30_000_000_000L;
    private static final long CHANNEL_CLOSE_TIMEOUT_S = 5;

    private final ReplaySettings settings;
    private final ReplayProgress progress;
    private final ReplayObserver observer;
    private final long silenceMaxNs;
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();
    private final CompletableFuture<Void> finishing = new CompletableFuture<>();

    /** A replay with those settings, which tells {@code progress} how far it is. */
    public Replay(ReplaySettings settings, ReplayProgress progress) {
        this(settings, progress, ReplayObserver.NONE);
    }

    /** A replay whose every fault {@code observer} hears of too. */
    public Replay(ReplaySettings settings, ReplayProgress progress, ReplayObserver observer) {
        this(settings, progress, observer, SILENCE_MAX_NS);
    }

    /** A replay that counts as stalled once no outcome has come for so long. */
    Replay(ReplaySettings settings, ReplayProgress progress, ReplayObserver observer, long silenceMaxNs) {
        this.silenceMaxNs = silenceMaxNs;
        this.settings = settings;
        this.progress = progress;
        this.observer = observer;
        Channels.requireHostAndPort(settings.services().vcpuAddress());
        Channels.requireHostAndPort(settings.services().notifierAddress());
    }

    /**
     * Replays on a loop of its own.
     *
     * @throws ReplayException when the replay could not be carried out to its end
     * @throws TraceException when the recording cannot be used
     */
    public ReplayResult run() {
        try (ServiceLoop loop = ServiceLoop.start("replay")) {
            return run(loop);
        }
    }

    /** Replays on a loop that exists, which the caller's thread is not. */
    public ReplayResult run(ServiceLoop loop) {
        return run(loop, load(settings), new CallQueue(CALLS_IN_FLIGHT_MAX));
    }

    /** Reads what is to be replayed. */
    static Recording load(ReplaySettings settings) {
        return Recording.load(
                settings.trace(),
                new Recording.Options(
                        settings.vm().pageSize(),
                        GuestLayout.MEMSLOTS_MAX - 1,
                        settings.faultsMax(),
                        settings.skipsBadLines()));
    }

    /** Replays what was read, beside others that share the loop and the queue. */
    ReplayResult run(ServiceLoop loop, Recording recording, CallQueue calls) {
        if (loop.isInLoop()) {
            throw new IllegalStateException("thread: the loop's own (expected: another, since a replay waits)");
        }
        PeerCredentials credentials = settings.services().credentials();
        ManagedChannel faults =
                Channels.connect(loop, settings.services().vcpuAddress(), credentials.toward("vcpu-service"));
        ManagedChannel notifications =
                Channels.connect(loop, settings.services().notifierAddress(), credentials.toward("notifier-service"));
        try {
            requireReachable(faults, "vcpu-service", settings.services().vcpuAddress());
            if (settings.guest().usesAsyncFaults()) {
                requireReachable(
                        notifications, "notifier-service", settings.services().notifierAddress());
            }
            VmClient vm = new VmClient(faults, settings.vm().id(), calls);
            return run(new Session.Connections(loop, faults, notifications, vm), recording);
        } finally {
            close(faults);
            close(notifications);
        }
    }

    /** Ends the guest as if its time were up, now or once its memory is filled: {@link #run} goes on to its result. */
    public void finish() {
        finishing.complete(null);
    }

    /** Makes {@link #run} end soon, with its VM unregistered and a {@link ReplayException} of the kind STOPPED. */
    public void stop() {
        stopped.completeExceptionally(new ReplayException(ReplayException.Kind.STOPPED, "stopped", null));
    }

    private ReplayResult run(Session.Connections connections, Recording recording) {
        long beganNs = connections.loop().nowNs();
        if (settings.schedule() instanceof Schedule.Recorded && !recording.hasTimes()) {
            throw new IllegalArgumentException("speed: " + settings.trace()
                    + " does not say when its faults were (expected: a recording with times, or a rate)");
        }
        GuestLayout layout = GuestLayout.of(
                recording.addressMap(), settings.vm().vcpus(), settings.vm().pageSize());
        Stamps stamps = new Stamps(
                new Stamp(settings.vm().id(), settings.seed()),
                recording.addressMap().pageCount());
        register(connections.vm(), layout.memslots());
        try {
            double populateS = settings.guest().isPopulated() ? populate(connections, recording, stamps) : 0;
            Dealing dealing = Dealing.of(recording, settings.guest().tasks());
            Session session = new Session(
                    settings,
                    connections,
                    recording,
                    new Session.Plan(
                            layout,
                            dealing,
                            silenceMaxNs,
                            timeLeftNs(connections.loop().nowNs() - beganNs)),
                    stamps,
                    new Session.Listeners(progress, observer));
            replay(connections.loop(), session);
            ReadBack readBack = settings.readsBack() ? readBack(connections, recording, stamps) : null;
            return session.result(connections.vm().unregister(), populateS, readBack);
        } catch (RuntimeException e) {
            unregisterAfter(e, connections.vm());
            throw e;
        }
    }

    /** How long the guest may still run, at least a moment; 0 where there is no bound. */
    private long timeLeftNs(long spentNs) {
        long runNs = settings.runMax().toNanos();
        if (settings.timeMax().isZero()) {
            return runNs;
        }
        long leftNs = Math.max(1, settings.timeMax().toNanos() - spentNs);
        return runNs == 0 ? leftNs : Math.min(runNs, leftNs);
    }

    private double populate(Session.Connections connections, Recording recording, Stamps stamps) {
        long beganNs = connections.loop().nowNs();
        Populator populator = new Populator(connections.vm(), recording, stamps, settings.seed(), progress);
        connections.loop().execute(populator::advance);
        await(populator.done());
        return (connections.loop().nowNs() - beganNs) / NS_PER_S;
    }

    private ReadBack readBack(Session.Connections connections, Recording recording, Stamps stamps) {
        PageCheck check = new PageCheck(
                stamps,
                settings.seed(),
                settings.guest().isPopulated(),
                settings.vm().pageSize().bytes());
        ReadBack readBack = new ReadBack(connections.loop(), connections.vm(), recording, check, progress);
        connections.loop().execute(readBack::advance);
        await(readBack.done());
        return readBack;
    }

    private void replay(ServiceLoop loop, Session session) {
        try {
            loop.execute(session::start);
            CompletableFuture<Void> _ = finishing.thenRun(() -> loop.execute(session::cutShort));
            await(session.done());
        } finally {
            loop.execute(session::close);
        }
    }

    private void register(VmClient vm, List<Memslot> memslots) {
        try {
            vm.register(
                    memslots,
                    settings.vm().vcpuIds(),
                    settings.vm().residentPagesMax(),
                    settings.vm().pageSize(),
                    settings.fetchDeadlineMs(),
                    settings.vm().prefetchPagesMax());
        } catch (StatusRuntimeException e) {
            throw new ReplayException(
                    isConnectionProblem(e.getStatus())
                            ? ReplayException.Kind.NO_CONNECTION
                            : ReplayException.Kind.BAD_INPUT,
                    "VM " + settings.vm().id() + " cannot be registered: " + Statuses.describe(e.getStatus()),
                    e);
        }
    }

    /** A replay that failed for one reason must not hide it behind another. */
    private static void unregisterAfter(RuntimeException failure, VmClient vm) {
        try {
            vm.unregister();
        } catch (StatusRuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    private void await(CompletableFuture<Void> part) {
        try {
            CompletableFuture.anyOf(part, stopped).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof ReplayException cause ? cause : e;
        }
    }

    private static void requireReachable(Channel channel, String service, String address) {
        Status status = Reachability.of(channel);
        if (!status.isOk()) {
            throw new ReplayException(
                    ReplayException.Kind.NO_CONNECTION,
                    service + " at " + address + " cannot be reached: " + Statuses.describe(status)
                            + " (expected: a running service; ./faultline up starts all)",
                    status.asException());
        }
    }

    private static boolean isConnectionProblem(Status status) {
        return status.getCode() == Status.Code.UNAVAILABLE || status.getCode() == Status.Code.DEADLINE_EXCEEDED;
    }

    private static void close(ManagedChannel channel) {
        channel.shutdown();
        try {
            if (!channel.awaitTermination(CHANNEL_CLOSE_TIMEOUT_S, TimeUnit.SECONDS)) {
                channel.shutdownNow();
            }
        } catch (InterruptedException e) {
            channel.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
