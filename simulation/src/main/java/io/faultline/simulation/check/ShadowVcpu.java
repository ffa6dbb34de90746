// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.check;

import io.faultline.model.AsyncPf;
import io.faultline.model.Reason;
import io.faultline.model.Token;
import io.faultline.notifier.domain.AreaWords;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the notifier's state of one vCPU must be. One thread. */
final class ShadowVcpu {
    final ShadowPe pe = new ShadowPe();
    final ArrayDeque<Integer> done = new ArrayDeque<>();
    /** Accepted and not ended; true once completed. */
    final Map<Integer, Boolean> outstanding = new TreeMap<>();

    @Nullable
    Object owner;

    @Nullable
    GuestEnd guest;

    long epoch;
    boolean armed;
    int reason;
    int areaToken;
    /** The publication that the guest was not told of, or NONE. */
    int notPresent = Token.NONE;

    /** The publication whose answer waits for an acknowledgement, or NONE. */
    int waiting = Token.NONE;

    boolean interruptHigh;
    /** A handler that migrated here and has not completed: no page-ready before. */
    boolean awaitsHandler;

    /** Forgets everything outstanding. */
    void disarm() {
        armed = false;
        clear(AreaWords.BOTH);
        notPresent = Token.NONE;
        pe.published.pending = false;
        interruptHigh = false;
        waiting = Token.NONE;
        done.clear();
        outstanding.clear();
    }

    void detach() {
        guest = null;
        disarm();
        resetPe();
    }

    void resetPe() {
        pe.reset();
        awaitsHandler = false;
    }

    /** The vCPU goes on with its own PE's state in another epoch. */
    void migrate(long newEpoch) {
        disarm();
        epoch = newEpoch;
        awaitsHandler = pe.published.running;
    }

    /** Whether the head of the completions must be told. */
    boolean isReadyDue() {
        return !done.isEmpty() && isFree() && !awaitsHandler;
    }

    /** Ends the innermost handler; false when none runs. */
    boolean completeHandler() {
        ShadowPe.ShadowEvent ended = pe.complete();
        if (ended == pe.published) {
            awaitsHandler = false;
        }
        return ended != null;
    }

    void clear(AreaWords words) {
        if (words != AreaWords.REASON) {
            areaToken = Token.NONE;
        }
        if (words != AreaWords.TOKEN) {
            reason = Reason.NONE.code();
        }
    }

    boolean isAreaFree() {
        return reason == Reason.NONE.code() && areaToken == Token.NONE;
    }

    boolean canTellGuest() {
        return guest != null && guest.isWritable();
    }

    /** Whether nothing that the guest owes stands in a notification's way. */
    boolean isFree() {
        return isAreaFree() && notPresent == Token.NONE && !interruptHigh;
    }

    /** Whether a publication must be accepted. */
    boolean mayPublish(int token, int vcpuId) {
        return isPublishable(token, vcpuId) && isFree();
    }

    /** Whether a publication that may wait must not be answered yet. */
    boolean mustWait(int token, int vcpuId) {
        return isPublishable(token, vcpuId) && interruptHigh && notPresent == Token.NONE;
    }

    private boolean isPublishable(int token, int vcpuId) {
        return armed
                && waiting == Token.NONE
                && canTellGuest()
                && Token.isIssuable(token)
                && Token.vcpuId(token) == vcpuId
                && !outstanding.containsKey(token)
                && outstanding.size() < AsyncPf.WORKS_PER_VCPU
                && pe.isReceptive()
                && !pe.published.pending;
    }

    /** A completion that is not fenced off. */
    void complete(int token) {
        if (Boolean.FALSE.equals(outstanding.get(token))) {
            outstanding.put(token, true);
            if (notPresent != token) {
                done.add(token);
            }
        }
    }

    void publish(int token) {
        outstanding.put(token, false);
        reason = Reason.PAGE_NOT_PRESENT.code();
        areaToken = token;
        notPresent = token;
        pe.published.pending = true;
    }

    void cancel() {
        outstanding.remove(notPresent);
        notPresent = Token.NONE;
        pe.published.pending = false;
        clear(AreaWords.BOTH);
    }

    void ready(int token) {
        done.remove();
        outstanding.remove(token);
        reason = Reason.PAGE_READY.code();
        areaToken = token;
        interruptHigh = true;
    }
}
