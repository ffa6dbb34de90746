// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import io.faultline.model.Tier;
import io.faultline.pager.domain.eviction.PolicyKind;

/**
 * What a {@link Pager} asks of the world around it. Called on the pager's thread, inside its inputs; an implementation
 * must not call back into the pager from here.
 *
 * <p>What the swap store is asked for must take effect in the order of the calls, as far as it writes.
 */
public interface PagerEffects {
    /**
     * Answers a FETCH with the bytes in a cell, found in a tier. The cell keeps them until {@link Pager#sent}, which
     * must follow exactly once.
     */
    void answerData(int stream, long requestId, Tier tier, int cell);

    /** Answers a request without bytes; the tier is {@link Tier#NONE} but for {@link PageAnswer#ZERO}. */
    void answer(int stream, long requestId, PageAnswer answer, Tier tier);

    /** Reads the page that a cell is for from the swap store into the cell; then {@link Pager#loaded}. */
    void load(int cell);

    /** As {@link #load}, for a page that nobody waits for: whatever is asked by {@code load} may be done first. */
    default void prefetch(int cell) {
        load(cell);
    }

    /** Writes the page in a cell to the swap store; then {@link Pager#stored}. */
    void store(int cell);

    /**
     * Deflates the page in a cell into the blocks of a row, if it shrinks that much; then {@link Pager#deflated} or
     * {@link Pager#sameFilled}. The cell keeps its bytes until then, and the row its blocks.
     */
    void deflate(int cell, int row);

    /**
     * Inflates a row's bytes, or fills with its word, into the cell that its page is for; then {@link Pager#inflated}.
     * The row keeps its bytes until then.
     */
    void inflate(int cell, int row);

    /** Forgets one page in the swap store; nobody waits for it. */
    void delete(long vmId, long gfn, long version);

    /**
     * Forgets every page of a VM in the swap store: the last step of {@link Pager#dropVm}, after the tiers above gave so many
     * pages back.
     */
    void dropVm(long vmId, long pagesDropped);

    /**
     * Makes another policy for the DRAM tier, by {@link Pager#newPolicy} and on another thread, as that takes long where
     * the tier is large; then {@link Pager#policyMade}. One is asked for at a time.
     */
    void makePolicy(PolicyKind kind);
}
