// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.loadtest.replay.Replay;
import io.faultline.loadtest.replay.ReplayProgress;
import io.faultline.loadtest.replay.ReplayResult;
import io.faultline.loadtest.replay.ReplaySettings;
import io.faultline.loadtest.replay.TerminalKind;
import io.faultline.model.PageSize;
import io.faultline.notifier.app.NotifierService;
import io.faultline.pager.app.PagerService;
import io.faultline.processes.Ports;
import io.faultline.vcpu.app.VcpuService;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Services of two releases side by side, as in the middle of an upgrade: whoever talks to whom, the other seems to be of the
 * release before, or of the one after.
 */
class ContractSkewIT {
    private static final int FAULTS = 3_000;
    private static final String LOOPBACK = "127.0.0.1:";

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final List<SkewedRelay> relays = new ArrayList<>();

    @AfterEach
    void end() throws Exception {
        while (!parts.isEmpty()) {
            parts.pop().close();
        }
    }

    @Test
    void everyFaultEndsWellAmongServicesOfTheLastRelease() throws IOException {
        ReplayResult result = replay(WireContract.last(), Skew.OLDER);

        requireSound(result);
    }

    @Test
    void everyFaultEndsWellAmongServicesThatSayMoreThanIsKnownHere() throws IOException {
        ReplayResult result = replay(WireContract.present(), Skew.NEWER);

        requireSound(result);
    }

    private void requireSound(ReplayResult result) {
        assertThat(result.brokenInvariants()).isEmpty();
        assertThat(result.faults()).isEqualTo(FAULTS);
        assertThat(result.count(TerminalKind.RESOLVED_READY)).isPositive();
        assertThat(result.pagesWrittenOut()).isPositive();
        ReplayResult.ReadBack readBack = Objects.requireNonNull(result.readBack());
        assertThat(readBack.wrong() + readBack.lost()).isZero();
        assertThat(relays.stream().flatMap(relay -> relay.called().stream()))
                .contains(
                        "faultline.vcpu.v1.FaultService/Raise",
                        "faultline.vcpu.v1.VmService/RegisterVm",
                        "faultline.pager.v1.PageService/Exchange",
                        "faultline.pager.v1.PageService/DropVm",
                        "faultline.notifier.v1.NotificationService/Notify",
                        "faultline.notifier.v1.GuestService/Attach");
    }

    private ReplayResult replay(WireContract contract, Skew skew) throws IOException {
        int pager =
                relayed(contract, skew, port -> PagerService.start(arguments(port, "--faultline.pager.store=memory")));
        int notifier = relayed(
                contract, skew, port -> NotifierService.start(arguments(port, "--faultline.audit.enabled=false")));
        int vcpu = relayed(
                contract,
                skew,
                port -> VcpuService.start(arguments(
                        port,
                        "--faultline.audit.enabled=false",
                        "--faultline.vcpu.pager-target=" + LOOPBACK + pager,
                        "--faultline.vcpu.notifier-target=" + LOOPBACK + notifier)));
        ReplaySettings settings = ReplaySettings.of(Path.of("../loadtest/traces/redis-swap.trace.gz"))
                .withServices(new ReplaySettings.Services(LOOPBACK + vcpu, LOOPBACK + notifier))
                .withVm(new ReplaySettings.Vm(1, 2, 512, PageSize.SIZE_4K))
                .withReadsBack(true)
                .withFaultsMax(FAULTS);
        return new Replay(settings, ReplayProgress.NONE).run();
    }

    /** Starts a service, and what makes it seem of another release; where that listens. */
    private int relayed(WireContract contract, Skew skew, Function<Integer, ConfigurableApplicationContext> service)
            throws IOException {
        int port = Ports.free();
        parts.push(service.apply(port));
        SkewedRelay relay = new SkewedRelay(contract, skew, port);
        parts.push(relay);
        relays.add(relay);
        return relay.port();
    }

    private static String[] arguments(int port, String... more) {
        return Stream.concat(
                        Stream.of(
                                "--spring.grpc.server.address=127.0.0.1",
                                "--spring.grpc.server.port=" + port,
                                "--faultline.management.port=-1"),
                        Stream.of(more))
                .toArray(String[]::new);
    }
}
