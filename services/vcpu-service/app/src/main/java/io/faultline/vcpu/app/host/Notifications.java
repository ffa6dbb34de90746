// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.host;

import io.faultline.telemetry.TraceParent;
import org.jspecify.annotations.Nullable;

/**
 * The notification plane as a VM sees it. Commands given without a connection are lost: the VM's machine was told that
 * there is none, and says everything again on the next. Loop thread only.
 */
public interface Notifications {
    /** Whether commands reach the notifier. */
    boolean isConnected();

    /** The vCPU exists, of a VM that someone registered. */
    void create(long vmId, int vcpuId, long epoch, int sdeiEvent, int pageReadyInterrupt, String registrant);

    /** The vCPU is gone. */
    void destroy(long vmId, int vcpuId, long epoch);

    /** Asynchronous faults are enabled with this epoch. */
    void arm(long vmId, int vcpuId, long epoch, long control, int sdeiEvent, int pageReadyInterrupt);

    /** Asynchronous faults of this epoch are over. */
    void disarm(long vmId, int vcpuId, long epoch);

    /** The vCPU was reset: nothing is enabled with this new epoch, what its guest registered is forgotten. */
    void reset(long vmId, int vcpuId, long epoch);

    /** Tell the guest "page not present". A traced fault says its span of that. */
    void publish(long vmId, int vcpuId, long epoch, int token, long cause, @Nullable TraceParent trace);

    /** As {@link #publish}, but the answer may wait for the guest to acknowledge a page-ready, until {@link #withdraw}. */
    void publishOrWait(long vmId, int vcpuId, long epoch, int token, long cause, @Nullable TraceParent trace);

    /** The guest need not be told any more: refuse the publication if its answer still waits. */
    void withdraw(long vmId, int vcpuId, long epoch, int token);

    /** Take that back, or tell the guest "page ready". A traced fault says its span of that. */
    void complete(long vmId, int vcpuId, long epoch, int token, long cause, @Nullable TraceParent trace);

    /** Wake every task parked on the vCPU. */
    void wakeAll(long vmId, int vcpuId, long epoch);
}
