// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation;

import io.faultline.model.Tier;
import io.faultline.pager.domain.PageAnswer;
import io.faultline.pager.domain.PagerEffects;
import io.faultline.pager.domain.eviction.PolicyKind;

/** A pager of which only reads are expected: whatever else it wants is an error. */
abstract class QuietPagerEffects implements PagerEffects {
    @Override
    public void answer(int stream, long requestId, PageAnswer answer, Tier tier) {
        throw new AssertionError(answer + " (expected: a page)");
    }

    @Override
    public void store(int cell) {
        throw new AssertionError("a store (expected: none)");
    }

    @Override
    public void deflate(int cell, int row) {
        throw new AssertionError("a deflation (expected: none)");
    }

    @Override
    public void inflate(int cell, int row) {
        throw new AssertionError("an inflation (expected: none)");
    }

    @Override
    public void delete(long vmId, long gfn, long version) {
        throw new AssertionError("a delete (expected: none)");
    }

    @Override
    public void dropVm(long vmId, long pagesDropped) {
        throw new AssertionError("a drop (expected: none)");
    }

    @Override
    public void makePolicy(PolicyKind kind) {
        throw new AssertionError("another policy (expected: the one given)");
    }
}
