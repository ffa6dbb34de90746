// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import io.faultline.loadtest.grpc.VmClient;
import io.faultline.loadtest.guest.GuestCounters;
import io.faultline.loadtest.guest.GuestKernel;
import java.util.ArrayList;
import java.util.List;

/** What must hold after a replay, seen from the guest's side. */
final class Invariants {
    private final List<String> broken = new ArrayList<>();

    private Invariants() {}

    /**
     * What does not hold, in words.
     *
     * @param isUndisturbed whether the guest kept its connection all the time: only then must every notification arrive
     */
    static List<String> broken(
            ReplaySettings settings,
            GuestKernel kernel,
            Tally tally,
            VmClient.LastCounters last,
            boolean isUndisturbed) {
        Invariants invariants = new Invariants();
        invariants.outcomes(kernel.counters(), tally, last);
        if (settings.guest().usesAsyncFaults()) {
            invariants.boot(kernel);
            if (isUndisturbed) {
                invariants.notifications(kernel.counters(), tally);
            }
        } else {
            invariants.equal("asynchronous outcomes of a guest without them", tally.asyncOutcomes(), 0);
        }
        return List.copyOf(invariants.broken);
    }

    private void outcomes(GuestCounters guest, Tally tally, VmClient.LastCounters last) {
        // What a broken stream left unsaid may have been carried out or not: the guest was told that it does not know.
        long told = tally.told();
        equal("terminal outcomes against faults raised", tally.terminalOutcomes() + told, guest.faultsRaised());
        within(
                "faults that vcpu-service counted against faults raised",
                last.faults(),
                guest.faultsRaised() - told,
                told);
        within(
                "tokens that vcpu-service counted against ASYNC outcomes",
                last.tokensIssued(),
                tally.asyncOutcomes(),
                told);
        if (!tally.failures().isEmpty()) {
            broken.add(tally.count(TerminalKind.FAILED) + " faults failed: " + String.join("; ", tally.failures()));
        }
        if (tally.mismatchCount() > 0) {
            broken.add(
                    tally.mismatchCount() + " loads brought the wrong bytes: " + String.join("; ", tally.mismatches()));
        }
    }

    private void boot(GuestKernel kernel) {
        String failure = kernel.bootFailure();
        if (failure != null) {
            broken.add("asynchronous faults could not be enabled: " + failure);
        }
        if (kernel.violations().count() > 0) {
            broken.add(kernel.violations().count() + " offences against the protocol: "
                    + String.join("; ", kernel.violations().messages()));
        }
    }

    private void notifications(GuestCounters guest, Tally tally) {
        long ready = tally.count(TerminalKind.RESOLVED_READY);
        equal("page-not-present events against page-ready outcomes", guest.notPresentHandled(), ready);
        equal("page-ready interrupts against page-ready outcomes", guest.pageReadyHandled(), ready);
        equal("page-not-present events that the guest refused", guest.notPresentRefused(), 0);
        equal("page-ready interrupts for tokens that nobody sleeps on", guest.unknownTokens(), 0);
        equal("interrupts without the page-ready reason", guest.wrongInterrupts(), 0);
        equal("faults whose notifications ended", tally.count(TerminalKind.RESOLVED_DROPPED), 0);
    }

    private void within(String what, long value, long least, long more) {
        if (value < least || value > least + more) {
            broken.add(what + ": " + value + " (expected: "
                    + (more == 0 ? Long.toString(least) : least + " to " + (least + more)) + ")");
        }
    }

    private void equal(String what, long value, long expected) {
        if (value != expected) {
            broken.add(what + ": " + value + " (expected: " + expected + ")");
        }
    }
}
