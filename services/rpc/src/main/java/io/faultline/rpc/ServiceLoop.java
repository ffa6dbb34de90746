// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * The one thread of a service: its sockets' I/O and its domain run here to completion, so the domain needs no lock and a
 * message costs no wake-up. Nothing that blocks may run on it. Any thread may hand work to it.
 */
public final class ServiceLoop implements Executor, AutoCloseable {
    private static final long CLOSE_TIMEOUT_MS = 5_000;

    private final EventLoopGroup group;
    private final EventLoop loop;
    private final boolean epoll;

    private ServiceLoop(String name) {
        epoll = Epoll.isAvailable();
        group = new MultiThreadIoEventLoopGroup(
                1,
                new DefaultThreadFactory(name, true),
                epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        loop = group.next();
    }

    /** Starts a loop; its thread bears the name. */
    public static ServiceLoop start(String name) {
        return new ServiceLoop(name);
    }

    /** Runs a task on the loop, after what the current turn still has to do; also when called on the loop. */
    @Override
    public void execute(Runnable task) {
        loop.execute(task);
    }

    /** Runs a task on the loop after a delay; the future cancels it. */
    public Future<?> schedule(Runnable task, long delayNs) {
        return loop.schedule(task, delayNs, TimeUnit.NANOSECONDS);
    }

    /** Runs a task on the loop after a delay, for good; an exception of it is logged as that of any task. */
    public void executeAfter(Runnable task, long delayNs) {
        Future<?> _ = loop.schedule(() -> loop.execute(task), delayNs, TimeUnit.NANOSECONDS);
    }

    /** Whether the calling thread is the loop's. */
    public boolean isInLoop() {
        return loop.inEventLoop();
    }

    /** The monotonic time that domains are given, in nanoseconds from an arbitrary origin. */
    public long nowNs() {
        return System.nanoTime();
    }

    /** Tasks handed to the loop and not begun, about; from any thread. */
    int pendingTasks() {
        return loop instanceof SingleThreadEventExecutor executor ? executor.pendingTasks() : 0;
    }

    EventLoopGroup group() {
        return group;
    }

    Class<? extends Channel> channelType() {
        return epoll ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    /** A listener that is not bound yet. */
    ServerChannel serverChannel() {
        return epoll ? new EpollServerSocketChannel() : new NioServerSocketChannel();
    }

    /** Ends the loop once its tasks have run; waits for that unless called on the loop itself. */
    @Override
    public void close() {
        Future<?> terminated = group.shutdownGracefully(0, CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        if (!isInLoop()) {
            terminated.awaitUninterruptibly(CLOSE_TIMEOUT_MS);
        }
    }
}
