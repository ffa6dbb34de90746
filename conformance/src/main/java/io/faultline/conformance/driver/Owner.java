// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance.driver;

import io.faultline.model.AsyncPf;
import io.faultline.model.Token;
import io.faultline.proto.notifier.v1.ExportSdeiRequest;
import io.faultline.proto.notifier.v1.ImportSdeiRequest;
import io.faultline.proto.notifier.v1.NotificationServiceGrpc;
import io.faultline.proto.notifier.v1.NotifyBatch;
import io.faultline.proto.notifier.v1.NotifyCommand;
import io.faultline.proto.notifier.v1.NotifyKind;
import io.faultline.proto.notifier.v1.Refusal;
import io.faultline.proto.notifier.v1.SdeiState;
import io.faultline.proto.notifier.v1.Verdict;
import io.faultline.proto.notifier.v1.VerdictBatch;
import io.faultline.proto.notifier.v1.VerdictKind;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A case in vcpu-service's place: it owns one vCPU's notifications, so when a page comes is the case's to say. Where a
 * deployment lets nobody else in, cases that need it do not apply. Used by the case's thread.
 */
public final class Owner {
    /** Where the shared area is said to be; the notifier holds it and reads no guest memory. */
    private static final long AREA_IPA = 0x8000_0000L;

    private static final long FIRST_EPOCH = 1_000;
    private static final Set<Status.Code> CLOSED =
            Set.of(Status.Code.PERMISSION_DENIED, Status.Code.UNAUTHENTICATED, Status.Code.UNIMPLEMENTED);

    private final Deployment deployment;
    private final Conversation conversation;
    private final long vmId;
    private final int vcpuId;
    /** Guarded by the conversation. */
    private final Deque<Verdict> verdicts = new ArrayDeque<>();

    private final Talk<VerdictBatch> talk;
    private final StreamObserver<NotifyBatch> commands;
    private long epoch = FIRST_EPOCH;
    private int lastSequence;

    Owner(Deployment deployment, long vmId, int vcpuId) {
        this.deployment = deployment;
        this.conversation = deployment.conversation();
        this.vmId = vmId;
        this.vcpuId = vcpuId;
        talk = new Talk<>(conversation, "Notify", this::hear);
        commands = NotificationServiceGrpc.newStub(deployment.endpoints().notifier())
                .notify(talk);
        deployment.began(this::leave);
        says(command(NotifyKind.NOTIFY_KIND_CREATE));
        hears(VerdictKind.VERDICT_KIND_CREATED);
    }

    /** A guest that has attached to the vCPU and booted. */
    public Guest guest() {
        return attaches().boots();
    }

    /** A guest that has attached to the vCPU: its PE is masked. */
    public Guest attaches() {
        return Guest.attach(deployment, vmId, vcpuId);
    }

    /** A guest with asynchronous faults on, which has heard the wake-all of it. */
    public Guest guestWithFaultsOn() {
        Guest guest = guest();
        arms();
        says(wakeAll());
        guest.hearsReady(Token.WAKE_ALL);
        isReady(Token.WAKE_ALL);
        guest.wakes();
        return guest;
    }

    /** Enables asynchronous faults, with the next epoch. */
    public void arms() {
        epoch++;
        says(command(NotifyKind.NOTIFY_KIND_ARM).setControl(AREA_IPA | 1));
        hears(VerdictKind.VERDICT_KIND_ARMED);
    }

    /** Disables asynchronous faults. */
    public void disarms() {
        says(command(NotifyKind.NOTIFY_KIND_DISARM));
        hears(VerdictKind.VERDICT_KIND_DISARMED);
    }

    /** A token that has not been used. */
    public int newToken() {
        return Token.of(++lastSequence, vcpuId);
    }

    /** Publishes a token, and it is accepted. */
    public void publishes(int token) {
        says(publish(token));
        hears(VerdictKind.VERDICT_KIND_ACCEPTED, token);
    }

    /** Publishes a new token, and the guest is told: its handler runs. The token. */
    public int tells(Guest guest) {
        int token = newToken();
        publishes(token);
        guest.isTold(token);
        return token;
    }

    /** Publishes a new token; the guest is told and parks the task. The token. */
    public int parks(Guest guest) {
        int token = tells(guest);
        guest.parks();
        return token;
    }

    /** Publishes a new token, and it is refused for this reason. */
    public void isRefused(Refusal why) {
        int token = newToken();
        says(publish(token));
        Verdict verdict = hears(VerdictKind.VERDICT_KIND_REFUSED, token);
        Check.equal("why the publication is refused", why, verdict.getRefusal());
    }

    /** "Page ready" is published for a token. */
    public void isReady(int token) {
        hears(VerdictKind.VERDICT_KIND_READY, token);
    }

    /**
     * Sees a token through whose page may have come before its guest was told: taken back, or told, parked and woken. The
     * notifier's to choose, as long as both ends agree.
     */
    public void seesThrough(int token, Guest guest) {
        boolean isTold = conversation.await("a token that is taken back, or told", () -> {
            requireOpen("a token that is taken back, or told");
            return !verdicts.isEmpty() ? Boolean.FALSE : guest.isBeingTold() ? Boolean.TRUE : null;
        });
        if (isTold) {
            guest.isTold(token);
            guest.parks();
            guest.hearsReady(token);
            isReady(token);
            guest.wakes();
        } else {
            hears(VerdictKind.VERDICT_KIND_CANCELLED, token);
        }
    }

    /** The page of a token is mapped; the verdict comes when it comes. */
    public void completes(int token) {
        says(complete(token));
    }

    /** Commands in one batch, that is in one turn of the notifier. */
    public void says(NotifyCommand.Builder... batch) {
        NotifyBatch.Builder message = NotifyBatch.newBuilder();
        for (NotifyCommand.Builder command : batch) {
            conversation.said("fault plane, vCPU " + vcpuId + ": " + describe(command));
            message.addCommands(command);
        }
        commands.onNext(message.build());
    }

    /** A PUBLISH, to be said. */
    public NotifyCommand.Builder publish(int token) {
        return command(NotifyKind.NOTIFY_KIND_PUBLISH).setToken(token);
    }

    /** A COMPLETE, to be said. */
    public NotifyCommand.Builder complete(int token) {
        return command(NotifyKind.NOTIFY_KIND_COMPLETE).setToken(token);
    }

    /** A WAKE_ALL, to be said. */
    public NotifyCommand.Builder wakeAll() {
        return command(NotifyKind.NOTIFY_KIND_WAKE_ALL);
    }

    /** A command of the epoch before this one, to be said. */
    public NotifyCommand.Builder stale(NotifyCommand.Builder command) {
        return command.setEpoch(epoch - 1);
    }

    private NotifyCommand.Builder command(NotifyKind kind) {
        return NotifyCommand.newBuilder()
                .setKind(kind)
                .setVmId(vmId)
                .setVcpuId(vcpuId)
                .setEpoch(epoch)
                .setSdeiEvent(Guest.EVENT)
                .setPageReadyInterrupt(AsyncPf.DEFAULT_INTERRUPT);
    }

    /** The next verdict, which must be this one. */
    public Verdict hears(VerdictKind kind) {
        Verdict verdict = next(kind.toString());
        Check.equal("the verdict", kind, verdict.getKind());
        return verdict;
    }

    /** The next verdict, which must be this one about this token. */
    public Verdict hears(VerdictKind kind, int token) {
        Verdict verdict = hears(kind);
        Check.token("the token of " + kind, token, verdict.getToken());
        return verdict;
    }

    /** The next verdict, whatever it is. News of guests are passed over. */
    public Verdict next(String what) {
        return conversation.await(what, () -> {
            Verdict verdict = verdicts.poll();
            if (verdict == null) {
                requireOpen(what);
            }
            return verdict;
        });
    }

    /** Whatever the notifier had to say until now has been said: nothing. */
    public void hearsNothing() {
        int unknown = Token.of(Token.SEQUENCE_MAX - 1, vcpuId);
        says(complete(unknown));
        Verdict verdict = next("UNKNOWN");
        if (verdict.getKind() != VerdictKind.VERDICT_KIND_UNKNOWN || verdict.getToken() != unknown) {
            throw new Violation("no further verdict", describe(verdict));
        }
    }

    /** What migrates of the vCPU's SDEI state. */
    public SdeiState exportsSdei() {
        return stub().exportSdei(ExportSdeiRequest.newBuilder()
                        .setVmId(vmId)
                        .setVcpuId(vcpuId)
                        .build())
                .getState();
    }

    /** The vCPU goes on with the SDEI state that it had elsewhere. */
    public void importsSdei(SdeiState state) {
        epoch++;
        conversation.said(
                "fault plane, vCPU " + vcpuId + ": imports an SDEI state with " + state.getEventsCount() + " events");
        var _ = stub().importSdei(ImportSdeiRequest.newBuilder()
                .setVmId(vmId)
                .setVcpuId(vcpuId)
                .setState(state)
                .setEpoch(epoch)
                .build());
    }

    private NotificationServiceGrpc.NotificationServiceBlockingStub stub() {
        return NotificationServiceGrpc.newBlockingStub(deployment.endpoints().notifier())
                .withDeadlineAfter(conversation.leftMs(), TimeUnit.MILLISECONDS);
    }

    private void requireOpen(String what) {
        @Nullable Status end = talk.end();
        if (end != null && CLOSED.contains(end.getCode())) {
            throw new NotOffered("notifier.v1.NotificationService is closed to outsiders: " + end.getCode());
        }
        talk.requireOpen(what);
    }

    /** The vCPU goes, and so does the stream. */
    private void leave() {
        if (conversation.now(() -> talk.end() == null)) {
            says(command(NotifyKind.NOTIFY_KIND_DESTROY));
            List<VerdictKind> last = List.of(VerdictKind.VERDICT_KIND_DESTROYED, VerdictKind.VERDICT_KIND_UNKNOWN);
            boolean gone = false;
            while (!gone) {
                gone = last.contains(next("DESTROYED").getKind());
            }
            commands.onCompleted();
        }
    }

    private void hear(VerdictBatch batch) {
        for (Verdict verdict : batch.getVerdictsList()) {
            conversation.heard(
                    "  notifier, vCPU " + verdict.getVcpuId() + ": " + describe(verdict), () -> keep(verdict));
        }
    }

    private void keep(Verdict verdict) {
        boolean isNews = verdict.getKind() == VerdictKind.VERDICT_KIND_GUEST_ATTACHED
                || verdict.getKind() == VerdictKind.VERDICT_KIND_GUEST_DETACHED;
        if (!isNews) {
            verdicts.add(verdict);
        }
    }

    private static String describe(NotifyCommand.Builder command) {
        String token = command.getToken() == 0 ? "" : " " + Token.format(command.getToken());
        return command.getKind() + token + ", epoch " + command.getEpoch();
    }

    private static String describe(Verdict verdict) {
        String token = verdict.getToken() == 0 ? "" : " " + Token.format(verdict.getToken());
        String refusal = verdict.getRefusal() == Refusal.REFUSAL_UNSPECIFIED ? "" : ", " + verdict.getRefusal();
        return verdict.getKind() + token + refusal;
    }
}
