// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TenantsTest {
    private static final int OTHERS = 1;

    private final Tenants tenants = new Tenants();

    @Test
    void aVmKeepsItsPlaceHoweverManyCome() {
        Set<Integer> slots = new HashSet<>();
        for (int vm = 1; vm <= Tenants.TENANTS_MAX - OTHERS; vm++) {
            Tenant tenant = tenants.of(vm);
            tenants.retain(tenant);
            assertThat(slots.add(tenant.slot)).isTrue();
        }

        for (int vm = 1; vm <= Tenants.TENANTS_MAX - OTHERS; vm++) {
            assertThat(tenants.of(vm).vmId).isEqualTo(vm);
            assertThat(tenants.at(tenants.of(vm).slot)).isSameAs(tenants.of(vm));
        }
    }

    @Test
    void vmsBeyondTheBoundShareOneTenant() {
        for (int vm = 1; vm <= Tenants.TENANTS_MAX - OTHERS; vm++) {
            tenants.retain(tenants.of(vm));
        }

        Tenant one = tenants.of(1_000_001);

        assertThat(tenants.of(1_000_002)).isSameAs(one);
        assertThat(tenants.share(one, 100)).isEqualTo(1);
    }

    @Test
    void aVmOfWhichNothingIsHereGivesItsPlaceUpWhenItIsNeeded() {
        for (int vm = 1; vm <= Tenants.TENANTS_MAX - OTHERS; vm++) {
            tenants.retain(tenants.of(vm));
        }
        tenants.release(tenants.of(17));

        Tenant late = tenants.of(1_000_001);

        assertThat(late.vmId).isEqualTo(1_000_001);
        assertThat(tenants.of(18).vmId).isEqualTo(18);
        tenants.retain(late);
        assertThat(tenants.of(17).vmId).as("of all others").isZero();
    }

    @Test
    void aVmThatWasDroppedCountsForNothingOnceNothingOfItIsLeft() {
        Tenant one = tenants.of(1);
        Tenant other = tenants.of(2);
        tenants.retain(other);
        assertThat(tenants.share(one, 100)).isEqualTo(50);

        tenants.forget(2);
        assertThat(tenants.share(one, 100)).isEqualTo(50);
        tenants.release(other);

        assertThat(tenants.share(one, 100)).isEqualTo(100);
        assertThat(tenants.of(2)).isNotSameAs(other);
    }

    @Test
    void aVmThatIsAloneMayTakeAll() {
        Tenant alone = tenants.of(1);

        assertThat(tenants.admits(alone, 99, 99, 100)).isTrue();
        assertThat(tenants.admits(alone, 100, 100, 100)).isFalse();
    }

    @Test
    void aVmAboveItsShareLeavesAnEighthToTheOthers() {
        Tenant greedy = tenants.of(1);
        Tenant modest = tenants.of(2);

        assertThat(tenants.admits(greedy, 87, 87, 100)).isTrue();
        assertThat(tenants.admits(greedy, 88, 88, 100)).isFalse();
        assertThat(tenants.admits(modest, 0, 88, 100)).isTrue();
        assertThat(tenants.admits(modest, 11, 99, 100)).isTrue();
        assertThat(tenants.admits(modest, 12, 100, 100)).isFalse();
        assertThat(tenants.admits(greedy, 49, 99, 100)).as("below its share").isTrue();
    }
}
