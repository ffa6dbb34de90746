// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance.cases;

import io.faultline.conformance.Case;
import io.faultline.conformance.driver.Deployment;
import io.faultline.conformance.driver.Guest;
import io.faultline.conformance.driver.Owner;
import io.faultline.proto.notifier.v1.NotifyCommand;
import io.faultline.proto.notifier.v1.VerdictKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** K: many completions, and completions that are not due. */
public final class CompletionCases {
    private static final int WORKS = 64;
    private static final long SEED = 20;

    @Case(
            id = "K2",
            source = "I19 I24",
            holds = "64 pages that come at once: 64 page-readys, in their order, then none is left")
    public void aBurst(Deployment deployment) {
        Owner host = deployment.owner(0);
        Guest guest = host.guestWithFaultsOn();
        List<Integer> tokens = new ArrayList<>();
        for (int i = 0; i < WORKS; i++) {
            tokens.add(host.parks(guest));
        }
        Collections.shuffle(tokens, new Random(SEED));

        host.says(tokens.stream().map(host::complete).toArray(NotifyCommand.Builder[]::new));

        for (int token : tokens) {
            guest.hearsReady(token);
            host.isReady(token);
            guest.wakes();
        }
        guest.hearsNothing();
        host.parks(guest);
    }

    @Case(id = "K3", source = "I20 I25", holds = "A burst of completions into an empty queue: one interrupt")
    public void aBurstInterruptsOnce(Deployment deployment) {
        Owner host = deployment.owner(0);
        Guest guest = host.guestWithFaultsOn();
        int first = host.parks(guest);
        int second = host.parks(guest);
        int third = host.parks(guest);

        host.says(host.complete(first), host.complete(second), host.complete(third));

        guest.hearsReady(first);
        host.isReady(first);
        host.hearsNothing();
        guest.hearsNothing();
    }

    @Case(
            id = "K4",
            source = "I24",
            holds = "A completion that is unknown, comes twice or bears an old epoch has no effect")
    public void completionsThatAreNotDue(Deployment deployment) {
        Owner host = deployment.owner(0);
        Guest guest = host.guestWithFaultsOn();
        int token = host.parks(guest);
        int other = host.newToken();

        host.says(host.complete(other), host.stale(host.complete(token)));
        host.hears(VerdictKind.VERDICT_KIND_UNKNOWN, other);
        host.hears(VerdictKind.VERDICT_KIND_STALE, token);
        guest.hearsNothing();

        host.completes(token);
        guest.hearsReady(token);
        host.isReady(token);
        host.completes(token);
        host.hears(VerdictKind.VERDICT_KIND_ALREADY, token);
        guest.wakes();
        guest.hearsNothing();
    }
}
