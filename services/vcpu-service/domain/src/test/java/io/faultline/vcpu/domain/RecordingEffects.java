// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.AuditStep;
import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Refusal;
import io.faultline.model.Resolution;
import io.faultline.model.StepKind;
import io.faultline.model.SyncReason;
import io.faultline.model.Token;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Records what a VM asks for: outcomes by fault, open I/O by frame, notifier commands in order, audit steps, answers.
 * Keeps no opinion; the tests and {@link Rig} answer.
 */
class RecordingEffects implements Effects {
    final Map<Long, List<String>> outcomes = new HashMap<>();
    final Map<Integer, PageName> fetches = new LinkedHashMap<>();
    final Map<Integer, PageName> writeOuts = new LinkedHashMap<>();
    final List<PageName> discards = new ArrayList<>();
    final List<PageName> hints = new ArrayList<>();
    boolean takesHints = true;
    final Deque<Command> commands = new ArrayDeque<>();
    final List<Step> steps = new ArrayList<>();
    /** Which fault each fetch and each command about a token was for, in order. */
    final List<String> causes = new ArrayList<>();

    final Map<Long, Long> results = new LinkedHashMap<>();
    final Map<Long, Long> values = new HashMap<>();
    final Map<Long, String> hostAnswers = new LinkedHashMap<>();
    int registrations;

    /** A page's name below the guest. */
    record PageName(long gfn, long version) {}

    /** A command for the notifier. */
    record Command(String kind, int vcpuId, long epoch, int token, long cause) {}

    /** A copy of an audit step. */
    record Step(int vcpuId, long sequence, StepKind kind, long epoch, int token, long gfn, int detail, long cause) {}

    private void outcome(long faultRef, String outcome) {
        outcomes.computeIfAbsent(faultRef, ref -> new ArrayList<>()).add(outcome);
    }

    @Override
    public void refused(long faultRef, Refusal refusal) {
        causes.add("REFUSED " + refusal + " " + faultRef);
    }

    @Override
    public void access(long faultRef, int frame) {
        outcome(faultRef, "access");
    }

    @Override
    public void mapped(long faultRef, PageSource source, SyncReason reason) {
        outcome(faultRef, "MAPPED " + source + (reason == SyncReason.NONE ? "" : " " + reason));
    }

    @Override
    public void async(long faultRef, int token) {
        outcome(faultRef, "ASYNC " + Token.format(token));
    }

    @Override
    public void resolved(long faultRef, int token, PageSource source, Resolution resolution) {
        outcome(faultRef, "RESOLVED " + Token.format(token) + " " + source + " " + resolution);
    }

    @Override
    public void failed(long faultRef, FailReason reason) {
        outcome(faultRef, "FAILED " + reason);
    }

    @Override
    public void zero(int frame) {}

    @Override
    public void fetch(int frame, long gfn, long version, int crc, long faultRef) {
        fetches.put(frame, new PageName(gfn, version));
        causes.add("FETCH " + faultRef);
    }

    @Override
    public void writeOut(int frame, long gfn, long version) {
        writeOuts.put(frame, new PageName(gfn, version));
    }

    @Override
    public void discard(long gfn, long version) {
        discards.add(new PageName(gfn, version));
    }

    @Override
    public boolean prefetch(long gfn, long version) {
        if (takesHints) {
            hints.add(new PageName(gfn, version));
        }
        return takesHints;
    }

    @Override
    public void create(int vcpuId, long epoch, int sdeiEvent, int pageReadyInterrupt) {
        commands.add(new Command("CREATE", vcpuId, epoch, Token.NONE, 0));
    }

    @Override
    public void destroy(int vcpuId, long epoch) {
        commands.add(new Command("DESTROY", vcpuId, epoch, Token.NONE, 0));
    }

    @Override
    public void arm(int vcpuId, long epoch, long control, int sdeiEvent, int pageReadyInterrupt) {
        commands.add(new Command("ARM", vcpuId, epoch, Token.NONE, 0));
    }

    @Override
    public void reset(int vcpuId, long epoch) {
        commands.add(new Command("RESET", vcpuId, epoch, Token.NONE, 0));
    }

    @Override
    public void disarm(int vcpuId, long epoch) {
        commands.add(new Command("DISARM", vcpuId, epoch, Token.NONE, 0));
    }

    @Override
    public void publish(int vcpuId, long epoch, int token, long cause, long faultRef, boolean mayWait) {
        commands.add(new Command(mayWait ? "PUBLISH" : "PUBLISH_NOW", vcpuId, epoch, token, cause));
        causes.add("PUBLISH " + faultRef);
    }

    @Override
    public void withdraw(int vcpuId, long epoch, int token) {
        commands.add(new Command("WITHDRAW", vcpuId, epoch, token, 0));
    }

    @Override
    public void complete(int vcpuId, long epoch, int token, long cause, long faultRef) {
        commands.add(new Command("COMPLETE", vcpuId, epoch, token, cause));
        causes.add("COMPLETE " + faultRef);
    }

    @Override
    public void wakeAll(int vcpuId, long epoch) {
        commands.add(new Command("WAKE_ALL", vcpuId, epoch, Token.WAKE_ALL, 0));
    }

    @Override
    public void registered() {
        registrations++;
    }

    @Override
    public void configured(int vcpuId, long requestId, long result, long value) {
        results.put(requestId, result);
        values.put(requestId, value);
    }

    @Override
    public void hostPageReady(long requestId, long gfn, int frame) {
        hostAnswers.put(requestId, "READY");
    }

    @Override
    public void hostPageFailed(long requestId, long gfn, FailReason reason) {
        hostAnswers.put(requestId, "FAILED " + reason);
    }

    @Override
    public void audit(AuditStep step) {
        steps.add(new Step(
                step.vcpuId(),
                step.sequence(),
                step.kind(),
                step.epoch(),
                step.token(),
                step.gfn(),
                step.detail(),
                step.cause()));
    }
}
