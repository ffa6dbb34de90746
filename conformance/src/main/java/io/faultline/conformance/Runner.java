// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance;

import io.faultline.conformance.driver.Conversation;
import io.faultline.conformance.driver.Deployment;
import io.faultline.conformance.driver.Endpoints;
import io.faultline.conformance.driver.NotOffered;
import io.faultline.conformance.driver.Violation;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.TimeUnit;

/** Runs cases one after the other, each with VMs and a deadline of its own. Used by one thread. */
public final class Runner {
    private static final long CLEANUP_MS_MAX = 5_000;

    private final Endpoints endpoints;
    private final long timeoutMs;
    private long nextVmId;

    /**
     * A runner against a deployment.
     *
     * @param timeoutMs how long one case may take
     * @param firstVmId the first of the VM ids that cases may use, one or two each
     */
    public Runner(Endpoints endpoints, long timeoutMs, long firstVmId) {
        this.endpoints = endpoints;
        this.timeoutMs = timeoutMs;
        this.nextVmId = firstVmId;
    }

    /** Runs a case; whatever goes wrong is its result. */
    public CaseResult run(Suite.Entry entry) {
        Conversation conversation = new Conversation(timeoutMs, Math.min(timeoutMs, CLEANUP_MS_MAX));
        long begunNs = System.nanoTime();
        CaseResult.Outcome outcome = CaseResult.Outcome.PASS;
        String expected = "";
        String came = "";
        try {
            converse(entry, conversation);
        } catch (NotOffered e) {
            outcome = CaseResult.Outcome.SKIP;
            came = String.valueOf(e.getMessage());
        } catch (Violation e) {
            outcome = CaseResult.Outcome.FAIL;
            expected = e.expected();
            came = e.came();
        } catch (StatusRuntimeException e) {
            outcome = CaseResult.Outcome.FAIL;
            expected = "an answer";
            came = String.valueOf(e.getMessage());
        } catch (RuntimeException e) {
            // A case that cannot cope with what came must not keep the others from running.
            outcome = CaseResult.Outcome.FAIL;
            expected = "something that the suite understands";
            came = e.toString();
        }
        long elapsedMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begunNs);
        return new CaseResult(entry.description(), outcome, expected, came, elapsedMs, conversation.lines());
    }

    /** What a case found matters more than what its end does after that. */
    private void converse(Suite.Entry entry, Conversation conversation) {
        Deployment deployment = new Deployment(endpoints, conversation, () -> nextVmId++);
        try {
            entry.run(deployment);
        } catch (RuntimeException found) {
            try {
                conversation.beginsCleanup(false);
                deployment.close();
            } catch (RuntimeException afterwards) {
                found.addSuppressed(afterwards);
            }
            throw found;
        }
        conversation.beginsCleanup(true);
        deployment.close();
    }
}
