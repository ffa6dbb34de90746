// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VcpuTableTest {
    private final Outbox out = new Outbox(step -> {}, new NotifierCounters());

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 8191})
    void agreesWithAMapThroughARandomHistory(long seed) {
        Random random = new Random(seed);
        VcpuTable table = new VcpuTable();
        Map<String, Vcpu> map = new HashMap<>();

        for (int step = 0; step < 5_000; step++) {
            long vmId = (random.nextLong() & 3) << (16 * random.nextInt(4));
            int vcpuId = random.nextInt(64);
            String key = vmId + "/" + vcpuId;
            Vcpu known = map.get(key);
            assertThat(table.find(vmId, vcpuId)).isSameAs(known);

            if (known == null) {
                Vcpu vcpu = new Vcpu(vmId, vcpuId, "", out, AreaAccess.ADDRESSABLE);
                table.add(vcpu);
                map.put(key, vcpu);
            } else {
                table.remove(known);
                map.remove(key);
            }
            assertThat(table.size()).isEqualTo(map.size());
        }

        assertThat(table.matching(vcpu -> true)).containsExactlyInAnyOrderElementsOf(map.values());
    }
}
