// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.PageSize;
import io.faultline.rpc.access.Caller;
import io.faultline.vcpu.app.host.HostedVm;
import io.faultline.vcpu.app.host.NoNotifications;
import io.faultline.vcpu.app.host.NoOutcomes;
import io.faultline.vcpu.app.host.Planes;
import io.faultline.vcpu.app.host.StuckTiers;
import io.faultline.vcpu.app.host.Vms;
import io.faultline.vcpu.domain.MachineSpec;
import io.faultline.vcpu.domain.Memslot;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class PageRequestsTest {
    private final Vms vms = new Vms(1 << 20, 2, 2);

    private final HostedVm vm = vm(1);
    private final PageRequests requests = new PageRequests();

    @Test
    void aRequestIsFoundByItsIdUntilItIsClosed() {
        int place = requests.open(vm, 5, 77, true, 9);

        assertThat(requests.find(requests.id(place))).isEqualTo(place);
        assertThat(requests.vm(place)).isSameAs(vm);
        assertThat(requests.frame(place)).isEqualTo(5);
        assertThat(requests.crc(place)).isEqualTo(77);
        assertThat(requests.isStore(place)).isTrue();
        assertThat(requests.sentNs(place)).isEqualTo(9);
        requests.close(place);
        assertThat(requests.find(requests.id(place))).isEqualTo(-1);
    }

    @Test
    void aLateAnswerDoesNotMeetTheNextRequestAtItsPlace() {
        int place = requests.open(vm, 5, 77, true, 9);
        long late = requests.id(place);
        requests.close(place);

        assertThat(requests.open(vm, 6, 78, false, 10)).isEqualTo(place);

        assertThat(requests.find(late)).isEqualTo(-1);
    }

    @Test
    void idsThatWereNeverGivenFindNothing() {
        for (long id : new long[] {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 32}) {
            assertThat(requests.find(id)).isEqualTo(-1);
        }
    }

    @Test
    void aVmHasRequestsUntilTheLastIsClosed() {
        HostedVm other = vm(2);
        int first = requests.open(vm, 1, 0, false, 0);
        int second = requests.open(vm, 2, 0, false, 0);
        requests.close(first);

        assertThat(vm.hasPageRequests()).isTrue();
        assertThat(other.hasPageRequests()).isFalse();
        requests.close(second);
        assertThat(vm.hasPageRequests()).isFalse();
        assertThat(requests.isEmpty()).isTrue();
    }

    @RepeatedTest(20)
    void aRandomHistoryAgreesWithAMap(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        Map<Long, Integer> frames = new HashMap<>();
        Set<Long> closed = new HashSet<>();
        for (int step = 0; step < 2_000; step++) {
            if (frames.isEmpty() || random.nextInt(5) < 3) {
                int place = requests.open(vm, step, step, false, 0);
                assertThat(frames.put(requests.id(place), step)).isNull();
            } else {
                long id = frames.keySet().iterator().next();
                requests.close(requests.find(id));
                frames.remove(id);
                closed.add(id);
            }
        }

        frames.forEach(
                (id, frame) -> assertThat(requests.frame(requests.find(id))).isEqualTo(frame));
        assertThat(closed).allMatch(id -> requests.find(id) == -1);
    }

    private HostedVm vm(long id) {
        MachineSpec spec = new MachineSpec(
                id, List.of(new Memslot(0, 0, 64, false)), List.of(0), 64, PageSize.SIZE_4K, 1, 17, true, 1_000, 0, 1);
        Planes planes = new Planes(new NoOutcomes(), new StuckTiers(), new NoNotifications(), step -> {});
        return vms.register(spec, Caller.ANYONE, planes, () -> {}, 0);
    }
}
