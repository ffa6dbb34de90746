// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * One direction of a stream: records go out as one message a turn, messages arrive in their order, and are read while the
 * receiver reads. One thread.
 *
 * @param <T> the records
 */
public final class Pipe<T> {
    private final Network network;
    private final Consumer<List<T>> receiver;
    private final ArrayDeque<Message<T>> underWay = new ArrayDeque<>();
    private final ArrayDeque<List<T>> arrived = new ArrayDeque<>();
    private List<T> turn = new ArrayList<>();
    private BooleanSupplier reading = () -> true;
    private Runnable onTaken = () -> {};
    private boolean closed;
    private boolean deaf;
    private int untaken;
    private long lastArrivalNs;

    Pipe(Network network, Consumer<List<T>> receiver) {
        this.network = network;
        this.receiver = receiver;
    }

    /** The receiver reads only while this holds; {@link #readOn} must be called when it may hold again. */
    public void readWhile(BooleanSupplier condition) {
        reading = condition;
    }

    /** Runs whenever the receiver took a message. */
    public void whenTaken(Runnable action) {
        onTaken = action;
    }

    /** Adds a record to this turn's message. Lost when the stream is broken. */
    public void send(T record) {
        if (closed) {
            return;
        }
        untaken++;
        turn.add(record);
        if (turn.size() == 1) {
            network.timeline().after(network.turnNs(), this::endTurn);
        }
    }

    /** Records sent that the receiver has not taken. */
    public int untaken() {
        return untaken;
    }

    /** Reads what has arrived, if the receiver reads. */
    public void readOn() {
        while (!deaf && !arrived.isEmpty() && reading.getAsBoolean()) {
            List<T> records = arrived.remove();
            untaken -= records.size();
            receiver.accept(records);
            onTaken.run();
        }
    }

    /** When all that was sent so far will have arrived. */
    long lastArrivalNs() {
        return lastArrivalNs;
    }

    /** Takes no more; of what is under way only the first {@code messages} messages still arrive. */
    void close(int messages) {
        endTurn();
        closed = true;
        int kept = 0;
        for (Message<T> message : underWay) {
            message.lost = kept >= messages;
            kept++;
        }
    }

    /** Sends what has gathered and takes no more; all of it arrives. */
    void finish() {
        close(Integer.MAX_VALUE);
    }

    /** Nothing arrives any more. */
    void deafen() {
        closed = true;
        deaf = true;
        arrived.clear();
    }

    int messagesUnderWay() {
        return underWay.size();
    }

    private void endTurn() {
        if (closed || turn.isEmpty()) {
            return;
        }
        Message<T> message = new Message<>(turn);
        turn = new ArrayList<>();
        long nowNs = network.timeline().nowNs();
        lastArrivalNs = Math.max(lastArrivalNs, nowNs + network.delayNs());
        underWay.add(message);
        network.timeline().after(lastArrivalNs - nowNs, this::arrive);
    }

    private void arrive() {
        Message<T> message = underWay.remove();
        if (!message.lost && !deaf) {
            arrived.add(message.records);
            readOn();
        }
    }

    private static final class Message<T> {
        private final List<T> records;
        private boolean lost;

        Message(List<T> records) {
            this.records = records;
        }
    }
}
