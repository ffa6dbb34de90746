// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import static io.faultline.vcpu.app.grpc.Cluster.BASE_GFN;
import static io.faultline.vcpu.app.grpc.FaultClient.read;
import static io.faultline.vcpu.app.grpc.FaultClient.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.vcpu.v1.GetVmRequest;
import io.faultline.proto.vcpu.v1.RegisterVmRequest;
import io.faultline.proto.vcpu.v1.VmPrefetchCounters;
import io.faultline.proto.vcpu.v1.VmSpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Hints on the wire: what a real service tells the pager of a stream of misses, and what it says of that. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PrefetchIT {
    private static final int PAGES = 400;

    private Cluster cluster;

    @BeforeAll
    void start() {
        cluster = new Cluster("--faultline.vcpu.prefetch-pages-max=16");
    }

    @AfterAll
    void stop() throws InterruptedException {
        cluster.close();
    }

    @Test
    void aStreamIsHintedAheadUnderTheNamesThatWereStored() throws Exception {
        VmSpec spec = register(Cluster.spec(1));
        assertThat(spec.getPrefetchPagesMax()).as("the service's setting").isEqualTo(16);

        scan(1);

        assertThat(cluster.pager.hintedGfns()).hasSizeGreaterThan(PAGES / 2).doesNotHaveDuplicates();
        assertThat(cluster.pager.hintsOfNothing()).isZero();
        VmPrefetchCounters counters = counters(1);
        assertThat(counters.getIssued()).isEqualTo(cluster.pager.hintedGfns().size());
        assertThat(counters.getLate())
                .as("this pager answers everything from its swap store")
                .isGreaterThan(PAGES / 2);
        assertThat(counters.getTimely()).isZero();
    }

    @Test
    void aVmWithoutPrefetchingGivesNoHints() throws Exception {
        VmSpec spec = register(Cluster.spec(2).setPrefetchPagesMax(0));
        assertThat(spec.hasPrefetchPagesMax()).isTrue();

        scan(2);

        assertThat(counters(2)).isEqualTo(VmPrefetchCounters.getDefaultInstance());
    }

    private VmSpec register(VmSpec.Builder spec) {
        return cluster.vms()
                .registerVm(RegisterVmRequest.newBuilder().setSpec(spec).build())
                .getVm()
                .getSpec();
    }

    /** Writes more pages than there are frames for, then reads them one after the other. */
    private void scan(long vm) throws InterruptedException {
        FaultClient client = cluster.faults();
        for (int page = 0; page < PAGES; page++) {
            client.outcomeOf(write(vm, page, BASE_GFN + page, "page%04d".formatted(page)));
        }
        for (int page = 0; page < PAGES; page++) {
            client.outcomeOf(read(vm, page, BASE_GFN + page));
        }
    }

    private VmPrefetchCounters counters(long vm) {
        return cluster.vms()
                .getVm(GetVmRequest.newBuilder().setVmId(vm).build())
                .getVm()
                .getCounters()
                .getPrefetch();
    }
}
