// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import io.faultline.model.Tier;
import io.faultline.pager.domain.eviction.PolicyKind;
import java.util.ArrayList;
import java.util.List;

/** Writes down what a pager asks for, in words a test can compare. */
final class RecordingEffects implements PagerEffects {
    final List<String> answers = new ArrayList<>();
    final List<Integer> dataCells = new ArrayList<>();
    final List<Integer> loads = new ArrayList<>();
    final List<Integer> stores = new ArrayList<>();
    final List<CellAndRow> deflations = new ArrayList<>();
    final List<CellAndRow> inflations = new ArrayList<>();
    final List<String> deletes = new ArrayList<>();
    final List<String> drops = new ArrayList<>();
    final List<PolicyKind> policies = new ArrayList<>();

    /** A page that is deflated or inflated. */
    record CellAndRow(int cell, int row) {}

    @Override
    public void answerData(int stream, long requestId, Tier tier, int cell) {
        answers.add(stream + "/" + requestId + " DATA " + tier);
        dataCells.add(cell);
    }

    @Override
    public void answer(int stream, long requestId, PageAnswer answer, Tier tier) {
        answers.add(stream + "/" + requestId + " " + answer + (tier == Tier.NONE ? "" : " " + tier));
    }

    @Override
    public void load(int cell) {
        loads.add(cell);
    }

    @Override
    public void store(int cell) {
        stores.add(cell);
    }

    @Override
    public void deflate(int cell, int row) {
        deflations.add(new CellAndRow(cell, row));
    }

    @Override
    public void inflate(int cell, int row) {
        inflations.add(new CellAndRow(cell, row));
    }

    @Override
    public void delete(long vmId, long gfn, long version) {
        deletes.add(vmId + "/" + gfn + "/" + version);
    }

    @Override
    public void dropVm(long vmId, long pagesDropped) {
        drops.add(vmId + ": " + pagesDropped);
    }

    @Override
    public void makePolicy(PolicyKind kind) {
        policies.add(kind);
    }

    /** What was answered since the last call. */
    List<String> takeAnswers() {
        List<String> taken = List.copyOf(answers);
        answers.clear();
        return taken;
    }
}
