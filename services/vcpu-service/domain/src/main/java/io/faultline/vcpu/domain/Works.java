// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.AsyncPf;
import io.faultline.model.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * One vCPU's asynchronous faults that the notifier has not ended yet, at most 64 with the wake-alls, and the tokens they
 * have. Owned by the VM's thread. Source: {@code vcpu->async_pf.queue} and {@code queued}.
 */
final class Works {
    private final int[] tokens = new int[AsyncPf.WORKS_PER_VCPU];
    private final List<Fault> faults = new ArrayList<>(AsyncPf.WORKS_PER_VCPU);
    private final FaultTable table = new FaultTable();
    /** Told to the guest in an epoch that is over; they count no more, but their tokens stay theirs. */
    private final List<Fault> dropped = new ArrayList<>();

    private final TokenSequence sequence;
    private final IntPredicate outstanding = this::isOutstanding;
    private int wakeAlls;

    Works(TokenSequence sequence) {
        this.sequence = sequence;
    }

    /** How many count against the limit. */
    int count() {
        return faults.size() + wakeAlls;
    }

    boolean isFull() {
        return count() >= AsyncPf.WORKS_PER_VCPU;
    }

    /** Whether a work of this vCPU is about the frame number. */
    boolean contains(long gfn) {
        return table.contains(gfn);
    }

    /** Makes a fault a work and gives it a token. */
    void begin(Fault fault) {
        fault.token = sequence.next(outstanding);
        tokens[faults.size()] = fault.token;
        faults.add(fault);
        table.insert(fault.gfn);
    }

    /** The work of a token, or null. */
    @Nullable
    Fault find(int token) {
        int at = indexOf(token);
        return at < 0 ? null : faults.get(at);
    }

    /** The work is over. */
    void end(Fault fault) {
        int at = indexOf(fault.token);
        int end = faults.size() - 1;
        tokens[at] = tokens[end];
        faults.set(at, faults.get(end));
        faults.remove(end);
        table.remove(fault.gfn);
    }

    /** The work never was: its token is drawn again next. */
    void undo(Fault fault) {
        end(fault);
        sequence.giveBack(fault.token);
        fault.token = Token.NONE;
    }

    void beginWakeAll() {
        wakeAlls++;
    }

    /** A wake-all is over; false if there was none. */
    boolean endWakeAll() {
        if (wakeAlls == 0) {
            return false;
        }
        wakeAlls--;
        return true;
    }

    /** The epoch is over: takes all works out, in no particular order, and forgets wake-alls. */
    List<Fault> drop() {
        List<Fault> works = List.copyOf(faults);
        faults.clear();
        table.clear();
        wakeAlls = 0;
        return works;
    }

    /** Keeps the token of a dropped work that still waits for its page. */
    void addDropped(Fault fault) {
        dropped.add(fault);
    }

    void endDropped(Fault fault) {
        dropped.remove(fault);
    }

    /** The dropped works that still wait for their pages; empties the list. */
    List<Fault> takeDropped() {
        List<Fault> all = List.copyOf(dropped);
        dropped.clear();
        return all;
    }

    private boolean isOutstanding(int token) {
        if (indexOf(token) >= 0) {
            return true;
        }
        for (int i = 0; i < dropped.size(); i++) {
            if (dropped.get(i).token == token) {
                return true;
            }
        }
        return false;
    }

    private int indexOf(int token) {
        for (int i = 0; i < faults.size(); i++) {
            if (tokens[i] == token) {
                return i;
            }
        }
        return -1;
    }
}
