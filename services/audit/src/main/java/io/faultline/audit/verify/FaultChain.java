// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.verify;

import io.faultline.audit.verify.Publication.FaultEnd;
import io.faultline.model.FailReason;
import io.faultline.model.Resolution;
import io.faultline.model.StepKind;
import io.faultline.model.Token;
import io.faultline.proto.audit.v1.AuditStep;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A chain of the fault plane: every fault from RAISED to its one terminal step. Owned by the auditor. */
final class FaultChain extends Chain {
    /** A fault without its terminal step. */
    private static final class OpenFault {
        @Nullable
        Publication publication;
    }

    private final Map<Long, OpenFault> faults = new HashMap<>();
    private final Map<Integer, Publication> outstanding = new HashMap<>();
    private final boolean allowUnfinished;
    /** Tokens of an epoch before this one ended with DISABLED; their faults end without them. */
    private long droppedBefore;

    FaultChain(Key key, VcpuJoin join, Findings findings, boolean allowUnfinished) {
        super(key, join, findings);
        this.allowUnfinished = allowUnfinished;
    }

    @Override
    void process(AuditStep step, StepKind kind) {
        join.faultPlaneAt(step.getEpoch(), step.getSequence());
        Publication completed = null;
        Publication published = null;
        switch (kind) {
            case OPENED -> join.faultLifeBegins(step.getEpoch());
            case ENABLED, WRITTEN_OUT -> {}
            case DISABLED -> droppedBefore = step.getEpoch();
            case CLOSED -> requireNoFault();
            case RAISED -> faults.put(step.getSequence(), new OpenFault());
            case PUBLISHED, REFUSED, INSTALLED, FETCH_FAILED, MAPPED, RESOLVED, FAILED -> {
                OpenFault fault = faults.get(step.getCause());
                if (fault == null) {
                    findings.violation(
                            Rule.FAULT_OPEN,
                            this,
                            step,
                            kind + " names step " + step.getCause() + ", which is no fault without a terminal step");
                } else if (kind == StepKind.PUBLISHED) {
                    published = published(fault, step);
                } else if (kind == StepKind.INSTALLED || kind == StepKind.FETCH_FAILED) {
                    completed = completed(fault, step, kind);
                } else if (kind == StepKind.REFUSED) {
                    refused(fault, step);
                } else {
                    terminal(fault, step, kind);
                }
            }
            default -> wrongPlane(step, kind);
        }
        join.faultStep(this, step, kind, published, completed);
    }

    private @Nullable Publication published(OpenFault fault, AuditStep step) {
        int token = step.getToken();
        if (!Token.isIssuable(token)) {
            findings.violation(
                    Rule.TOKEN_ISSUABLE, this, step, "PUBLISHED with " + Token.format(token) + ", which is no token");
        } else if (Token.vcpuId(token) != vcpuId()) {
            findings.violation(Rule.TOKEN_OF_VCPU, this, step, "PUBLISHED with a token of vcpu " + Token.vcpuId(token));
        }
        if (fault.publication != null) {
            findings.violation(Rule.TOKEN_OF_FAULT, this, step, "PUBLISHED a second time for fault " + step.getCause());
            return null;
        }
        Publication before = outstanding.get(token);
        if (before != null) {
            findings.violation(
                    Rule.TOKEN_FREE,
                    this,
                    step,
                    "PUBLISHED with a token that is outstanding since step " + before.publishedStep);
        }
        Publication publication = new Publication(this, token, step.getEpoch(), step.getSequence());
        fault.publication = publication;
        outstanding.put(token, publication);
        return publication;
    }

    private void refused(OpenFault fault, AuditStep step) {
        Publication publication = publicationOf(fault, step, StepKind.REFUSED);
        if (publication == null) {
            return;
        }
        if (publication.delivered) {
            findings.violation(Rule.REFUSED_NOT_DELIVERED, this, step, "REFUSED, but the guest was told");
        }
        fault.publication = null;
        outstanding.remove(publication.token, publication);
        join.forget(publication);
    }

    private @Nullable Publication completed(OpenFault fault, AuditStep step, StepKind kind) {
        Publication publication = publicationOf(fault, step, kind);
        if (publication == null) {
            return null;
        }
        if (publication.completedAt != null) {
            findings.violation(
                    Rule.INSTALLED_ONCE,
                    this,
                    step,
                    kind + " after step " + publication.completedStep() + " for the same fault");
            return null;
        }
        publication.completedAt = new VcpuJoin.Place(step.getEpoch(), step.getSequence());
        publication.installed = kind == StepKind.INSTALLED;
        return publication;
    }

    private void terminal(OpenFault fault, AuditStep step, StepKind kind) {
        Publication publication = fault.publication;
        FaultEnd end = switch (kind) {
            case MAPPED -> mapped(publication, step);
            case RESOLVED -> resolved(fault, step);
            default -> failed(publication, step);
        };
        faults.remove(step.getCause());
        if (publication != null) {
            outstanding.remove(publication.token, publication);
            publication.faultEnd = end;
            join.ended(publication);
        }
    }

    private FaultEnd mapped(@Nullable Publication publication, AuditStep step) {
        if (publication != null && !isDropped(publication)) {
            findings.violation(
                    Rule.TERMINAL_FITS,
                    this,
                    publication.token,
                    step.getSequence(),
                    "MAPPED while the fault's token is outstanding");
        }
        return FaultEnd.DROPPED;
    }

    private boolean isDropped(Publication publication) {
        return publication.epoch < droppedBefore;
    }

    private FaultEnd resolved(OpenFault fault, AuditStep step) {
        Publication publication = publicationOf(fault, step, StepKind.RESOLVED);
        if (publication != null && !publication.installed) {
            findings.violation(Rule.RESOLVED_AFTER_INSTALLED, this, step, "RESOLVED without an INSTALLED before it");
        }
        int detail = step.getDetail();
        if (detail == Resolution.READY.code()) {
            return FaultEnd.READY;
        }
        if (detail == Resolution.CANCELLED.code()) {
            return FaultEnd.CANCELLED;
        }
        if (detail != Resolution.DROPPED.code()) {
            findings.violation(Rule.TERMINAL_FITS, this, step, "RESOLVED with the unknown resolution " + detail);
        }
        return FaultEnd.DROPPED;
    }

    private FaultEnd failed(@Nullable Publication publication, AuditStep step) {
        if (publication != null
                && (publication.installed || (publication.completedAt == null && !isDropped(publication)))
                && step.getDetail() != FailReason.VM_GONE.code()) {
            findings.violation(
                    Rule.TERMINAL_FITS,
                    this,
                    publication.token,
                    step.getSequence(),
                    "FAILED without a FETCH_FAILED before it while the fault's token is outstanding");
        }
        return FaultEnd.FAILED;
    }

    /** The fault's publication if the step is about it; else says so. */
    private @Nullable Publication publicationOf(OpenFault fault, AuditStep step, StepKind kind) {
        Publication publication = fault.publication;
        if (publication == null) {
            findings.violation(
                    Rule.TOKEN_OF_FAULT,
                    this,
                    step,
                    kind + " for fault " + step.getCause() + ", which has no token outstanding");
        } else if (publication.token != step.getToken()) {
            findings.violation(
                    Rule.TOKEN_OF_FAULT,
                    this,
                    step,
                    kind + " for fault " + step.getCause() + ", whose token is " + Token.format(publication.token));
        }
        return publication;
    }

    private void requireNoFault() {
        faults.forEach((raised, fault) -> {
            int token = fault.publication == null ? Token.NONE : fault.publication.token;
            findings.violation(Rule.TERMINAL_PRESENT, this, token, raised, "RAISED has no terminal step");
        });
        faults.clear();
        outstanding.clear();
    }

    @Override
    int inFlight() {
        return faults.size() + outstanding.size();
    }

    @Override
    void finish() {
        if (!(isOpen() && allowUnfinished)) {
            requireNoFault();
        }
    }
}
