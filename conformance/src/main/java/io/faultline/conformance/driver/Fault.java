// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance.driver;

import com.google.protobuf.ByteString;
import io.faultline.model.Token;
import io.faultline.proto.vcpu.v1.FailReason;
import io.faultline.proto.vcpu.v1.Outcome;
import io.faultline.proto.vcpu.v1.OutcomeKind;
import io.faultline.proto.vcpu.v1.PageSource;
import io.faultline.proto.vcpu.v1.Resolution;
import io.faultline.proto.vcpu.v1.SyncReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One fault and what was said of it. Whatever its case is about, it is held to the contract of every fault: at most one ASYNC,
 * then one terminal outcome, then nothing; and a page that is mapped holds what was written. Used by the case's thread.
 */
public final class Fault {
    private static final Set<PageSource> NEAR = Set.of(
            PageSource.PAGE_SOURCE_RESIDENT, PageSource.PAGE_SOURCE_TAKEN_BACK, PageSource.PAGE_SOURCE_ZERO_FILL);

    private final Conversation conversation;
    private final String name;
    private final int page;
    private final ByteString content;
    /** Guarded by the conversation. */
    private final List<Outcome> outcomes = new ArrayList<>();

    Fault(Conversation conversation, long sequence, int page, ByteString content) {
        this.conversation = conversation;
        this.name = "fault " + sequence + " on page " + page;
        this.page = page;
        this.content = content;
    }

    /** The page that was touched. */
    public int page() {
        return page;
    }

    /** What was said of it first. */
    public Outcome first() {
        return conversation.await("an outcome of " + name, () -> outcomes.isEmpty() ? null : outcomes.getFirst());
    }

    /** How it ended. */
    public Outcome end() {
        return conversation.await("the end of " + name, this::endSoFar);
    }

    /** It went asynchronous: its token. */
    public int token() {
        Outcome first = first();
        Check.that(name + ": ASYNC", first.getKind() == OutcomeKind.OUTCOME_KIND_ASYNC, describe(first));
        return first.getToken();
    }

    /** It was mapped while its vCPU stood still, for this reason. */
    public void isSync(SyncReason reason) {
        Outcome first = first();
        Check.that(
                name + ": MAPPED, " + reason,
                first.getKind() == OutcomeKind.OUTCOME_KIND_MAPPED && first.getSyncReason() == reason,
                describe(first));
    }

    /** It found its page in a frame. */
    public void isResident() {
        Outcome first = first();
        Check.that(name + ": MAPPED from a frame, at once", isNear(), describe(first));
    }

    /** It ended with its page mapped, whatever that took. */
    public void isMapped() {
        Outcome end = end();
        Check.that(
                name + ": an end other than FAILED", end.getKind() != OutcomeKind.OUTCOME_KIND_FAILED, describe(end));
    }

    /** It ended with nothing mapped, for this reason. */
    public void fails(FailReason reason) {
        Outcome end = end();
        Check.that(
                name + ": FAILED, " + reason,
                end.getKind() == OutcomeKind.OUTCOME_KIND_FAILED && end.getFailReason() == reason,
                describe(end));
    }

    /** It ended after ASYNC, in this way. */
    public void resolves(Resolution resolution) {
        Outcome end = end();
        Check.that(
                name + ": RESOLVED, " + resolution,
                end.getKind() == OutcomeKind.OUTCOME_KIND_RESOLVED && end.getResolution() == resolution,
                describe(end));
    }

    /** Whether it has ended, by now. */
    boolean hasEnded() {
        return conversation.now(() -> endSoFar() != null);
    }

    /** Whether the page came before the guest was told, so that the token was taken back, by now. */
    boolean isCancelled() {
        return conversation.now(() -> {
            Outcome end = endSoFar();
            return end != null && end.getResolution() == Resolution.RESOLUTION_CANCELLED;
        });
    }

    /** Whether no page was missing. */
    boolean isNear() {
        Outcome first = first();
        return first.getKind() == OutcomeKind.OUTCOME_KIND_MAPPED
                && first.getSyncReason() == SyncReason.SYNC_REASON_UNSPECIFIED
                && NEAR.contains(first.getSource());
    }

    /** Whether it had to wait for reclaim, or for a page on its way out: then it says nothing of what the case is about. */
    boolean isBesidesThePoint() {
        return isNear() || first().getSyncReason() == SyncReason.SYNC_REASON_NO_FRAME;
    }

    private @Nullable Outcome endSoFar() {
        Outcome last = outcomes.isEmpty() ? null : outcomes.getLast();
        return last == null || last.getKind() == OutcomeKind.OUTCOME_KIND_ASYNC ? null : last;
    }

    /** Takes an outcome in. */
    void hear(Outcome outcome) {
        conversation.heard("  fault plane, " + name + ": " + describe(outcome), () -> keep(outcome));
    }

    private void keep(Outcome outcome) {
        boolean isAsync = outcome.getKind() == OutcomeKind.OUTCOME_KIND_ASYNC;
        if (endSoFar() != null || (isAsync && !outcomes.isEmpty())) {
            conversation.broken(name + ": one ASYNC at most, one terminal outcome", describe(outcome) + " too");
        }
        if (outcome.getKind() == OutcomeKind.OUTCOME_KIND_RESOLVED
                && (outcomes.isEmpty() || outcomes.getFirst().getToken() != outcome.getToken())) {
            conversation.broken(name + ": RESOLVED after ASYNC, with its token", describe(outcome));
        }
        boolean isMapped = !isAsync && outcome.getKind() != OutcomeKind.OUTCOME_KIND_FAILED;
        if (isMapped && !outcome.getLoaded().equals(content)) {
            conversation.broken(
                    name + ": mapped with what was written there, " + hex(content), hex(outcome.getLoaded()));
        }
        outcomes.add(outcome);
    }

    @Override
    public String toString() {
        return name;
    }

    private static String hex(ByteString bytes) {
        StringBuilder hex = new StringBuilder();
        for (int i = 0; i < bytes.size(); i++) {
            hex.append(String.format("%02x", bytes.byteAt(i)));
        }
        return hex.isEmpty() ? "no bytes" : hex.toString();
    }

    static String describe(Outcome outcome) {
        String token = outcome.getToken() == 0 ? "" : " " + Token.format(outcome.getToken());
        return switch (outcome.getKind()) {
            case OUTCOME_KIND_ASYNC -> "ASYNC" + token;
            case OUTCOME_KIND_MAPPED -> "MAPPED, " + outcome.getSource() + ", " + outcome.getSyncReason();
            case OUTCOME_KIND_RESOLVED -> "RESOLVED" + token + ", " + outcome.getResolution();
            case OUTCOME_KIND_FAILED -> "FAILED, " + outcome.getFailReason() + ": " + outcome.getDetail();
            case OUTCOME_KIND_UNSPECIFIED, UNRECOGNIZED -> "an outcome of kind " + outcome.getKindValue();
        };
    }
}
