// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.verify;

import io.faultline.audit.verify.Publication.FaultEnd;
import io.faultline.audit.verify.Publication.NotificationEnd;
import io.faultline.model.StepKind;
import io.faultline.model.Token;
import io.faultline.proto.audit.v1.AuditStep;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the two planes say about one vCPU, held against each other. Owned by the auditor. */
final class VcpuJoin {
    /*
     * The planes are two services: their records interleave as they please, and only the order inside a chain is known.
     * A step of the notification plane names one of the fault plane by its number. That number alone is not unique (a
     * restarted service, a VM registered again, count from 1 once more), but with the epoch it is: epochs of a vCPU grow
     * over its lives, and a command is obeyed only in its own epoch, so cause and effect always have the same one.
     *
     * Whichever of the two comes first waits. A publication waits for its end in the notification plane, and is dropped
     * as soon as both planes have ended it. A step of the notification plane that names a step which the fault plane has
     * not reached is parked under that place, and taken out when the fault plane gets there; if the fault plane is past
     * the place already, nothing that fits can come any more, which is a violation at once. So what is kept is what is in
     * flight, plus how far one plane's records are ahead of the other's.
     */

    /** Where a step of the fault plane stands: its epoch and its number. */
    record Place(long epoch, long sequence) {}

    /** A step of the notification plane that waits for the fault plane. */
    private record Parked(NotificationChain chain, StepKind kind, int token, long sequence) {}

    private final Findings findings;
    private final boolean allowUnfinished;
    private final List<Chain> chains = new ArrayList<>(2);
    private final Map<Place, Publication> published = new HashMap<>();
    private final Map<Place, Publication> completed = new HashMap<>();
    private final Map<Place, Parked> parked = new HashMap<>();
    private Place faultPlane = new Place(-1, 0);
    private long faultLifeEpoch = -1;
    private long notificationEpoch = -1;
    private long notificationsEnded = -1;

    VcpuJoin(Findings findings, boolean allowUnfinished) {
        this.findings = findings;
        this.allowUnfinished = allowUnfinished;
    }

    void add(Chain chain) {
        chains.add(chain);
    }

    /** The fault plane begins the vCPU (again) with that epoch. */
    void faultLifeBegins(long epoch) {
        faultLifeEpoch = Math.max(faultLifeEpoch, epoch);
    }

    void faultPlaneAt(long epoch, long sequence) {
        if (epoch >= faultPlane.epoch) {
            faultPlane = new Place(epoch, sequence);
        }
    }

    /** A step of the fault plane was taken; {@code publication} or {@code completion} is what it began or completed. */
    void faultStep(
            FaultChain chain,
            AuditStep step,
            StepKind kind,
            @Nullable Publication publication,
            @Nullable Publication completion) {
        if (publication != null) {
            published.put(publication.publishedAt(), publication);
            if (publication.epoch <= notificationsEnded) {
                publication.notificationEnd = NotificationEnd.DROPPED;
            } else if (publication.epoch < notificationEpoch) {
                publication.notificationEnd = NotificationEnd.LOST;
            }
        }
        if (completion != null && completion.completedAt != null) {
            completed.put(completion.completedAt, completion);
        }
        Parked waiting = parked.isEmpty() ? null : parked.remove(new Place(step.getEpoch(), step.getSequence()));
        if (waiting != null) {
            if (waiting.kind == StepKind.DELIVERED && publication != null) {
                delivered(waiting, publication);
            } else if (waiting.kind != StepKind.DELIVERED && completion != null) {
                ended(waiting, completion);
            } else {
                misnamed(
                        waiting, step.getSequence(), "which is " + kind + " of token " + Token.format(step.getToken()));
            }
        }
    }

    /** The fault plane has ended a publication. */
    void ended(Publication publication) {
        if (publication.isOver()) {
            settle(publication);
        }
    }

    /** A refused publication leaves nothing behind. */
    void forget(Publication publication) {
        published.remove(publication.publishedAt());
        if (publication.completedAt != null) {
            completed.remove(publication.completedAt);
        }
    }

    void notificationPlaneAt(long epoch) {
        if (epoch > notificationEpoch) {
            notificationEpoch = epoch;
            endAll(epoch - 1, NotificationEnd.LOST);
        }
    }

    /** Nothing of that epoch or an older one is told to the guest any more. */
    void notificationsEnded(long epoch) {
        notificationsEnded = Math.max(notificationsEnded, epoch);
        endAll(epoch, NotificationEnd.DROPPED);
    }

    private void endAll(long epoch, NotificationEnd end) {
        List<Publication> over = new ArrayList<>();
        for (Publication publication : published.values()) {
            if (publication.epoch <= epoch && publication.notificationEnd == NotificationEnd.NONE) {
                publication.notificationEnd = end;
                if (publication.isOver()) {
                    over.add(publication);
                }
            }
        }
        over.forEach(this::settle);
    }

    void delivered(NotificationChain chain, AuditStep step) {
        Parked arrival = new Parked(chain, StepKind.DELIVERED, step.getToken(), step.getSequence());
        Place cause = new Place(step.getEpoch(), step.getCause());
        Publication publication = published.get(cause);
        if (publication == null) {
            park(arrival, cause);
        } else {
            delivered(arrival, publication);
        }
    }

    /** READY or CANCELLED. */
    void ended(NotificationChain chain, AuditStep step, StepKind kind) {
        Parked arrival = new Parked(chain, kind, step.getToken(), step.getSequence());
        Place cause = new Place(step.getEpoch(), step.getCause());
        Publication publication = completed.get(cause);
        if (publication == null) {
            park(arrival, cause);
        } else {
            ended(arrival, publication);
        }
    }

    private void park(Parked arrival, Place cause) {
        boolean isPassed = faultPlane.epoch > cause.epoch
                || (faultPlane.epoch == cause.epoch && faultPlane.sequence >= cause.sequence);
        if (isPassed && isOfLostLife(cause)) {
            return;
        }
        if (isPassed || parked.putIfAbsent(cause, arrival) != null) {
            misnamed(arrival, cause.sequence, "which is not that or is over");
        }
    }

    private void delivered(Parked arrival, Publication publication) {
        if (publication.token != arrival.token) {
            misnamed(arrival, publication.publishedStep, "whose token is " + Token.format(publication.token));
        }
        publication.delivered = true;
    }

    private void ended(Parked arrival, Publication publication) {
        if (publication.token != arrival.token) {
            misnamed(arrival, publication.completedStep(), "whose token is " + Token.format(publication.token));
        }
        publication.notificationEnd =
                arrival.kind == StepKind.READY ? NotificationEnd.READY : NotificationEnd.CANCELLED;
        if (publication.isOver()) {
            settle(publication);
        }
    }

    /** Both planes have ended the publication: they have to agree, and it is dropped. */
    private void settle(Publication publication) {
        forget(publication);
        boolean agree = switch (publication.faultEnd) {
            case READY -> publication.notificationEnd == NotificationEnd.READY;
            case CANCELLED -> publication.notificationEnd == NotificationEnd.CANCELLED;
            // The epoch ended while the planes' messages crossed: the other plane may have got any distance.
            case DROPPED, FAILED, NONE -> true;
        };
        boolean isExcused = publication.notificationEnd == NotificationEnd.LOST && isLifeLost(NotificationChain.class);
        if (!agree && !isExcused) {
            disagree(
                    publication,
                    switch (publication.notificationEnd) {
                        case READY -> "says READY";
                        case CANCELLED -> "says CANCELLED";
                        case DROPPED -> "dropped it";
                        case LOST, NONE -> "never ended it";
                    });
        }
    }

    private void disagree(Publication publication, String otherPlane) {
        Rule rule = publication.delivered && publication.notificationEnd != NotificationEnd.CANCELLED
                ? Rule.DELIVERED_THEN_READY
                : Rule.RESOLVED_AS_NOTIFIED;
        findings.violation(
                rule,
                publication.chain,
                publication.token,
                publication.publishedStep,
                "PUBLISHED, " + (publication.delivered ? "DELIVERED, " : "") + "and RESOLVED as " + publication.faultEnd
                        + ", but the notification plane " + otherPlane);
    }

    private void misnamed(Parked arrival, long cause, String why) {
        boolean isDelivery = arrival.kind == StepKind.DELIVERED;
        findings.violation(
                isDelivery ? Rule.DELIVERED_AFTER_PUBLISHED : Rule.READY_AFTER_INSTALLED,
                arrival.chain,
                arrival.token,
                arrival.sequence,
                arrival.kind + " names step " + cause + " of the fault plane as its "
                        + (isDelivery ? "PUBLISHED" : "INSTALLED or FETCH_FAILED") + ", " + why);
    }

    /** Whether a step of the fault plane may be missing because the life that it was of ended without a word. */
    private boolean isOfLostLife(Place cause) {
        return cause.epoch < faultLifeEpoch && isLifeLost(FaultChain.class);
    }

    /** Whether a life of that plane, other than the last, ended without a word: its last steps may be missing then. */
    private boolean isLifeLost(Class<? extends Chain> plane) {
        List<Chain> lives = chains.stream().filter(plane::isInstance).toList();
        return allowUnfinished
                && !lives.isEmpty()
                && lives.subList(0, lives.size() - 1).stream().anyMatch(Chain::isOpen);
    }

    /** Whether the last life of that plane goes on: the trail may have more of it than was read. */
    private boolean goesOn(Class<? extends Chain> plane) {
        List<Chain> lives = chains.stream().filter(plane::isInstance).toList();
        return allowUnfinished && !lives.isEmpty() && lives.getLast().isOpen();
    }

    int inFlight() {
        return published.size() + completed.size() + parked.size();
    }

    /** Says what still waits at the end of the trail and has no excuse. */
    void finish() {
        boolean isNotifierExcused = goesOn(NotificationChain.class);
        for (Publication publication : published.values()) {
            boolean isReadyDue = publication.faultEnd == FaultEnd.READY
                    || publication.faultEnd == FaultEnd.CANCELLED
                    || (publication.faultEnd == FaultEnd.FAILED && publication.delivered);
            if (isReadyDue && !isNotifierExcused) {
                disagree(publication, "never ended it");
            }
        }
        if (!goesOn(FaultChain.class)) {
            parked.forEach((cause, arrival) -> {
                if (!isOfLostLife(cause)) {
                    misnamed(arrival, cause.sequence, "which never came");
                }
            });
        }
    }
}
