// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.config;

import io.faultline.rpc.TargetWatch;
import io.faultline.vcpu.domain.prefetch.PrefetchWindow;
import io.faultline.vcpu.domain.prefetch.WorkingSetBudget;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings {@code faultline.vcpu.*}.
 *
 * @param pagerTarget where pagers listen: {@code host:port}, each one pager, or a URI such as
 *     {@code dns:///pagers:7002}, each address of it one pager, with commas between; several must share a swap store
 * @param notifierTarget where notifier-service listens, {@code host:port}
 * @param framesMaxBytes the bound on all VMs' frames together, in bytes; registering beyond it is refused
 * @param vmsMax the bound on registered VMs
 * @param vcpusMax the bound on the vCPUs of all registered VMs together
 * @param streamsMax the bound on clients' streams of faults; one more is refused with RESOURCE_EXHAUSTED
 * @param faultsMax the bound on undecided faults of all streams together, those of ended streams included; one more FAILS
 * @param clientVmsMax the bound on the VMs that one client has registered; one more is refused with RESOURCE_EXHAUSTED
 * @param clientFaultsMax the bound on undecided faults of one client, those of its ended streams included; one more FAILS
 * @param memoryCallsMaxBytes the bound on the bytes of ReadMemory and WriteMemory calls under way; one more is refused with
 *     RESOURCE_EXHAUSTED
 * @param faultsInFlightMax the bound on undecided faults of one client stream; beyond it the stream is not read
 * @param storesInFlightMaxBytes the bound on page bytes sent to the pager and not yet acknowledged
 * @param pagerTimeoutMs how long a request to the pager may go without an answer before it is repeated, in milliseconds
 * @param notifierTimeoutMs how long the notifier may say nothing while a vCPU waits for its answer before it counts as lost, in
 *     milliseconds
 * @param tickMs the interval in which deadlines are looked at while something waits, in milliseconds
 * @param peerWaitMs how long RegisterVm and UnregisterVm wait for the other planes' word before they answer without
 *     it, in milliseconds
 * @param reconnectMinMs the wait before the first reconnection to a peer, in milliseconds; it doubles with each failure
 * @param reconnectMaxMs the longest wait between two reconnections, in milliseconds
 * @param drainMs how long faults in flight may still end when the service stops, in milliseconds
 * @param prefetchPagesMax how many pages ahead of a vCPU's misses the pager is hinted at, for VMs that do not say; 0 for
 *     never
 * @param workingSetDirectory where it is kept which pages VMs touched, from one life of a VM to the next; empty for nowhere
 * @param workingSetPagesMax the bound on the pages that are remembered for that of all VMs together
 * @param workingSetPagesPerS how many of these pages a second the pagers are hinted at when VMs begin, all VMs together
 * @param traceOneIn one fault in so many is traced; 0 for none, 1 for each
 */
@ConfigurationProperties("faultline.vcpu")
public record VcpuProperties(
        @DefaultValue("localhost:7002") String pagerTarget,
        @DefaultValue("localhost:7003") String notifierTarget,
        @DefaultValue("2147483648") long framesMaxBytes,
        @DefaultValue("1024") int vmsMax,
        @DefaultValue("16384") int vcpusMax,
        @DefaultValue("1024") int streamsMax,
        @DefaultValue("262144") int faultsMax,
        @DefaultValue("512") int clientVmsMax,
        @DefaultValue("65536") int clientFaultsMax,
        @DefaultValue("33554432") long memoryCallsMaxBytes,
        @DefaultValue("4096") int faultsInFlightMax,
        @DefaultValue("16777216") long storesInFlightMaxBytes,
        @DefaultValue("5000") int pagerTimeoutMs,
        @DefaultValue("5000") int notifierTimeoutMs,
        @DefaultValue("10") int tickMs,
        @DefaultValue("2000") int peerWaitMs,
        @DefaultValue("50") int reconnectMinMs,
        @DefaultValue("500") int reconnectMaxMs,
        @DefaultValue("3000") int drainMs,
        @DefaultValue("32") int prefetchPagesMax,
        @DefaultValue("") String workingSetDirectory,
        @DefaultValue("1048576") int workingSetPagesMax,
        @DefaultValue("5000") int workingSetPagesPerS,
        @DefaultValue("0") int traceOneIn) {
    private static final int COUNT_MAX = 1 << 20;
    private static final int FAULTS_MAX = 1 << 24;

    /**
     * Checks every setting.
     *
     * @throws IllegalArgumentException naming the setting, its value and what is expected
     */
    public VcpuProperties {
        targets(pagerTarget);
        atLeast("frames-max-bytes", framesMaxBytes, 1 << 20);
        within("vms-max", vmsMax, 1, COUNT_MAX);
        within("vcpus-max", vcpusMax, 1, COUNT_MAX);
        within("streams-max", streamsMax, 1, COUNT_MAX);
        within("faults-max", faultsMax, 1, FAULTS_MAX);
        within("client-vms-max", clientVmsMax, 1, COUNT_MAX);
        within("client-faults-max", clientFaultsMax, 1, FAULTS_MAX);
        atLeast("memory-calls-max-bytes", memoryCallsMaxBytes, 1 << 20);
        within("faults-in-flight-max", faultsInFlightMax, 1, COUNT_MAX);
        atLeast("stores-in-flight-max-bytes", storesInFlightMaxBytes, 1 << 16);
        atLeast("pager-timeout-ms", pagerTimeoutMs, 10);
        atLeast("notifier-timeout-ms", notifierTimeoutMs, 10);
        atLeast("tick-ms", tickMs, 1);
        atLeast("peer-wait-ms", peerWaitMs, 0);
        atLeast("reconnect-min-ms", reconnectMinMs, 1);
        atLeast("reconnect-max-ms", reconnectMaxMs, reconnectMinMs);
        atLeast("drain-ms", drainMs, 0);
        within("prefetch-pages-max", prefetchPagesMax, 0, PrefetchWindow.PAGES_MAX);
        atLeast("working-set-pages-max", workingSetPagesMax, 0);
        within("working-set-pages-per-s", workingSetPagesPerS, 1, WorkingSetBudget.PAGES_PER_S_MAX);
        atLeast("trace-one-in", traceOneIn, 0);
    }

    private static void targets(String value) {
        try {
            TargetWatch.requireTargets(value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("faultline.vcpu.pager-target: " + e.getMessage(), e);
        }
    }

    private static void within(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "faultline.vcpu." + name + ": " + value + " (expected: " + least + " to " + most + ")");
        }
    }

    private static void atLeast(String name, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(
                    "faultline.vcpu." + name + ": " + value + " (expected: >= " + least + ")");
        }
    }
}
