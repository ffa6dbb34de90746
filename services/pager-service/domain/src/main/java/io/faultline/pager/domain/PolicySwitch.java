// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import io.faultline.pager.domain.eviction.EvictionPolicy;
import io.faultline.pager.domain.eviction.PolicyKind;
import io.faultline.pager.domain.eviction.SwitchingPolicy;
import io.faultline.pager.domain.shadow.PolicyChooser;

/** Puts the policy in force that the chooser wants, if that is to be. Owned by the pager's thread. */
final class PolicySwitch {
    /*
     * A policy for millions of cells is tens of megabytes, too much to be made between two requests: it is asked for,
     * and made elsewhere. Pages then move to it a few a turn.
     */
    private final SwitchingPolicy policy;
    private final PolicyChooser chooser;
    private final PagerEffects effects;
    private final boolean isAuto;
    private boolean isBeingMade;
    private long switches;

    PolicySwitch(SwitchingPolicy policy, PolicyChooser chooser, PagerEffects effects, boolean isAuto) {
        this.policy = policy;
        this.chooser = chooser;
        this.effects = effects;
        this.isAuto = isAuto;
    }

    /** How often the policy was replaced. */
    long switches() {
        return switches;
    }

    /** The policy in force. */
    PolicyKind kind() {
        return chooser.current();
    }

    /** The policy that should be. */
    PolicyKind wanted() {
        return chooser.wanted();
    }

    /** Goes on with a switch, or begins one; whether there is more to do. */
    boolean tidy(int movesMax) {
        if (isAuto && chooser.wanted() != chooser.current()) {
            begin(chooser.wanted());
        }
        return policy.move(movesMax);
    }

    /** Asks for a policy, unless a switch is under way. */
    void begin(PolicyKind kind) {
        if (!isBeingMade && !policy.isSwitching()) {
            isBeingMade = true;
            effects.makePolicy(kind);
        }
    }

    /** The policy that was asked for. */
    void made(PolicyKind kind, EvictionPolicy made) {
        if (!isBeingMade) {
            throw new IllegalStateException("policy: " + kind + " (expected: none, as none was asked for)");
        }
        isBeingMade = false;
        policy.switchTo(made);
        chooser.switched(kind);
        switches++;
    }
}
