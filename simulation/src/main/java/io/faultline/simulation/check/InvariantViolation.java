// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.check;

/** An invariant did not hold: the run is over. */
public final class InvariantViolation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Invariant invariant;

    /** Says what was seen against the invariant. */
    public InvariantViolation(Invariant invariant, String seen) {
        super(invariant + " (" + invariant.sentence() + "): " + seen);
        this.invariant = invariant;
    }

    /** Throws unless something holds; what was seen is put into words by the caller, so only on a failing path. */
    static void require(boolean holds, Invariant invariant, Object seen) {
        if (!holds) {
            throw new InvariantViolation(invariant, String.valueOf(seen));
        }
    }

    /** Which one. */
    public Invariant invariant() {
        return invariant;
    }
}
