// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.grpc;

import static io.faultline.notifier.app.grpc.Messages.EVENT_COMPLETE_AND_RESUME;
import static io.faultline.notifier.app.grpc.Messages.acknowledge;
import static io.faultline.notifier.app.grpc.Messages.call;
import static io.faultline.notifier.app.grpc.Messages.clear;
import static io.faultline.notifier.app.grpc.Messages.comeUp;
import static io.faultline.notifier.app.grpc.Messages.sdei;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_ARM;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_COMPLETE;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_CREATE;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_PUBLISH;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.Token;
import io.faultline.proto.notifier.v1.GuestCallKind;
import io.faultline.proto.notifier.v1.HostEvent;
import io.faultline.proto.notifier.v1.NotifyKind;
import io.faultline.proto.notifier.v1.Verdict;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A fault plane and a guest, each on a thread of its own, at the same vCPU at the same moment, over gRPC. */
class HandOffRaceTest {
    private static final int RACES = Integer.getInteger("faultline.races", 5_000);
    private static final int LANES = 4;
    private static final int PATIENCE_S = 240;

    private final List<Lane> lanes = new ArrayList<>();
    private final RacingNotifier notifier = new RacingNotifier(
            verdict -> lanes.get(verdict.getVcpuId()).verdict(verdict),
            event -> lanes.get(event.getVcpuId()).event(event));
    private final ExecutorService pageThread = Executors.newSingleThreadExecutor();
    private final CountDownLatch done = new CountDownLatch(LANES);

    @BeforeEach
    void noRaceYet() {
        lanes.clear();
    }

    @AfterEach
    void close() {
        pageThread.shutdown();
        notifier.close();
    }

    @Test
    void aCompletionCancelsOrFollowsTheDelivery() throws InterruptedException {
        run(CancelAndDeliver::new);

        int cancelled = lanes.stream().mapToInt(lane -> lane.one).sum();
        int delivered = lanes.stream().mapToInt(lane -> lane.other).sum();
        say("cancelled", cancelled, "delivered, then ready", delivered);
    }

    @Test
    void anAcknowledgementAndACompletionBringThePageReadyOnce() throws InterruptedException {
        run(AcknowledgeAndComplete::new);

        int firstOfEach = lanes.stream().mapToInt(lane -> lane.one).sum();
        say(
                "told by the completion",
                notifier.readiesBy("Notify") - firstOfEach,
                "told by the acknowledgement",
                notifier.readiesBy("Attach"));
    }

    @Test
    void aPublicationIsRefusedOrGoesWithTheGuest() throws InterruptedException {
        run(DetachAndPublish::new);

        int accepted = lanes.stream().mapToInt(lane -> lane.one).sum();
        int refused = lanes.stream().mapToInt(lane -> lane.other).sum();
        say("accepted, then dropped", accepted, "refused", refused);
    }

    private void run(IntFunction<Lane> lane) throws InterruptedException {
        for (int vcpu = 0; vcpu < LANES; vcpu++) {
            lanes.add(lane.apply(vcpu));
        }
        lanes.forEach(each -> notifier.ownerThread.execute(each::create));
        boolean ended = done.await(PATIENCE_S, TimeUnit.SECONDS);
        assertThat(notifier.broken).isEmpty();
        assertThat(ended).as(lanes.toString()).isTrue();
        assertThat(lanes).allSatisfy(each -> assertThat(each.wrong).isEmpty());
    }

    private static void say(String one, int ones, String other, int others) {
        System.out.printf("%s %,d, %s %,d%n", one, ones, other, others);
        assertThat(ones + others).isEqualTo(RACES / LANES * LANES);
        assertThat(ones).as(one).isPositive();
        assertThat(others).as(other).isPositive();
    }

    /** One vCPU, raced for again and again. What the fault plane's thread owns it touches alone; the guest's likewise. */
    private abstract class Lane {
        final int vcpu;
        final List<String> wrong = Collections.synchronizedList(new ArrayList<>());
        int round;
        /** How often a round went either way; on the fault plane's thread. */
        int one;

        int other;
        int number;
        long epoch = 1;

        Lane(int vcpu) {
            this.vcpu = vcpu;
        }

        /** Begins a round, with asynchronous faults on and nothing outstanding; on the fault plane's thread. */
        abstract void race();

        /** A verdict about a token, on the fault plane's thread. */
        abstract void token(Verdict verdict);

        /** An event or interrupt, on the guest's thread. */
        abstract void told(HostEvent event);

        /** A handler has ended, on the guest's thread. */
        void resumed() {}

        /** An acknowledgement has returned, on the guest's thread. */
        void acknowledged() {}

        final void create() {
            send(NOTIFY_KIND_CREATE, 0);
        }

        void verdict(Verdict verdict) {
            switch (verdict.getKind()) {
                case VERDICT_KIND_CREATED -> notifier.guestThread.execute(() -> notifier.guest(comeUp(vcpu)));
                case VERDICT_KIND_GUEST_ATTACHED -> {
                    epoch++;
                    send(NOTIFY_KIND_ARM, 0);
                }
                case VERDICT_KIND_ARMED -> begin();
                default -> token(verdict);
            }
        }

        void event(HostEvent event) {
            switch (event.getKind()) {
                case HOST_EVENT_KIND_SDEI_EVENT, HOST_EVENT_KIND_INTERRUPT -> told(event);
                case HOST_EVENT_KIND_RESUMED -> resumed();
                case HOST_EVENT_KIND_RESULT -> {
                    if (event.getResult() < 0) {
                        unexpected(event);
                    } else if (event.getCallId() == GuestCallKind.GUEST_CALL_KIND_ACKNOWLEDGE_VALUE) {
                        acknowledged();
                    }
                }
                default -> {}
            }
        }

        final void begin() {
            if (round == RACES / LANES) {
                done.countDown();
            } else {
                race();
            }
        }

        final void end() {
            round++;
            begin();
        }

        final void send(NotifyKind kind, int token) {
            notifier.command(Messages.command(kind, vcpu, epoch, token));
        }

        final int newToken() {
            number = number % Token.SEQUENCE_MAX + 1;
            return Token.of(number, vcpu);
        }

        final void handle() {
            notifier.calls(clear(vcpu), sdei(vcpu, EVENT_COMPLETE_AND_RESUME, 0x2000));
        }

        final void unexpected(Object what) {
            wrong.add("round " + round + ": " + what);
            done.countDown();
        }

        @Override
        public String toString() {
            return "vCPU " + vcpu + " at round " + round + " " + wrong;
        }
    }

    /**
     * A page comes at once: its completion may still be in the publication's batch. Every other round its thread has a head
     * start, so that neither outcome is rare.
     */
    private final class CancelAndDeliver extends Lane {
        private int token;
        private int partsLeft;
        private volatile int deliveredToken;

        CancelAndDeliver(int vcpu) {
            super(vcpu);
        }

        @Override
        void race() {
            token = newToken();
            partsLeft = 2;
            boolean isPageAhead = round % 2 == 0;
            pageThread.execute(() -> {
                if (isPageAhead) {
                    notifier.ownerThread.execute(() -> send(NOTIFY_KIND_PUBLISH, token));
                }
                notifier.ownerThread.execute(() -> send(NOTIFY_KIND_COMPLETE, token));
            });
            if (!isPageAhead) {
                send(NOTIFY_KIND_PUBLISH, token);
            }
        }

        @Override
        void token(Verdict verdict) {
            boolean isDelivered = deliveredToken == token;
            switch (verdict.getKind()) {
                case VERDICT_KIND_ACCEPTED -> {}
                case VERDICT_KIND_CANCELLED -> {
                    if (isDelivered || verdict.getToken() != token) {
                        unexpected(verdict);
                    }
                    one++;
                    end();
                }
                case VERDICT_KIND_READY -> {
                    if (!isDelivered || verdict.getToken() != token) {
                        unexpected(verdict);
                    }
                    other++;
                    partEnded();
                }
                default -> unexpected(verdict);
            }
        }

        /* The guest's acknowledgement may be heard before the owner's verdict: they come by different connections. */
        private void partEnded() {
            if (--partsLeft == 0) {
                end();
            }
        }

        @Override
        void told(HostEvent event) {
            if (event.getReasonValue() == 1) {
                deliveredToken = event.getToken();
                handle();
            } else if (event.getToken() == deliveredToken) {
                notifier.calls(clear(vcpu), acknowledge(vcpu));
            } else {
                unexpected(event);
            }
        }

        @Override
        void acknowledged() {
            notifier.ownerThread.execute(this::partEnded);
        }
    }

    /** Two tasks sleep; one is told of its page, and while it acknowledges, the other's page comes. */
    private final class AcknowledgeAndComplete extends Lane {
        private int first;
        private int second;
        private int readies;
        private int told;
        private int handled;
        private int acknowledgements;

        AcknowledgeAndComplete(int vcpu) {
            super(vcpu);
        }

        @Override
        void race() {
            first = newToken();
            second = newToken();
            readies = 0;
            acknowledgements = 0;
            send(NOTIFY_KIND_PUBLISH, first);
        }

        @Override
        void token(Verdict verdict) {
            int expected = readies == 0 ? first : second;
            switch (verdict.getKind()) {
                case VERDICT_KIND_ACCEPTED -> {}
                case VERDICT_KIND_READY -> {
                    if (verdict.getToken() != expected) {
                        unexpected(verdict);
                    }
                    if (readies++ == 0) {
                        one++;
                    }
                    endIfAllHeard();
                }
                default -> unexpected(verdict);
            }
        }

        @Override
        void told(HostEvent event) {
            if (event.getReasonValue() == 1) {
                handle();
                return;
            }
            if (told++ % 2 == 0) {
                notifier.ownerThread.execute(() -> send(NOTIFY_KIND_COMPLETE, second));
            }
            notifier.calls(clear(vcpu), acknowledge(vcpu));
        }

        @Override
        void resumed() {
            boolean isFirst = handled++ % 2 == 0;
            notifier.ownerThread.execute(
                    () -> send(isFirst ? NOTIFY_KIND_PUBLISH : NOTIFY_KIND_COMPLETE, isFirst ? second : first));
        }

        @Override
        void acknowledged() {
            notifier.ownerThread.execute(() -> {
                acknowledgements++;
                endIfAllHeard();
            });
        }

        private void endIfAllHeard() {
            if (readies == 2 && acknowledgements == 2) {
                end();
            }
        }
    }

    /** A guest leaves while a page-not-present is published for it; then it comes back. */
    private final class DetachAndPublish extends Lane {
        private static final long DETACH = 77;

        private int token;
        private int accepted;
        private int ends;

        DetachAndPublish(int vcpu) {
            super(vcpu);
        }

        @Override
        void race() {
            token = newToken();
            accepted = 0;
            ends = 0;
            notifier.guestThread.execute(() -> notifier.calls(
                    call(GuestCallKind.GUEST_CALL_KIND_DETACH, vcpu).setCallId(DETACH)));
            send(NOTIFY_KIND_PUBLISH, token);
        }

        @Override
        void token(Verdict verdict) {
            switch (verdict.getKind()) {
                case VERDICT_KIND_ACCEPTED -> {
                    accepted++;
                    one++;
                }
                case VERDICT_KIND_REFUSED -> {
                    other++;
                    left();
                }
                case VERDICT_KIND_GUEST_DETACHED -> {
                    if (accepted == 1) {
                        left();
                    }
                }
                case VERDICT_KIND_UNKNOWN -> {
                    if (verdict.getToken() != token || ends != 1) {
                        unexpected(verdict);
                    }
                    round++;
                    notifier.guestThread.execute(() -> notifier.guest(comeUp(vcpu)));
                }
                default -> unexpected(verdict);
            }
        }

        /** The page comes, for a token that has ended with its guest or never began. */
        private void left() {
            ends++;
            send(NOTIFY_KIND_COMPLETE, token);
        }

        @Override
        void told(HostEvent event) {
            if (event.getReasonValue() != 1) {
                unexpected(event);
            }
        }
    }
}
