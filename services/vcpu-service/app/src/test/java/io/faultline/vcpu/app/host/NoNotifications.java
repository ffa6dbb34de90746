// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.host;

import io.faultline.telemetry.TraceParent;
import org.jspecify.annotations.Nullable;

/** A notifier that is not connected. */
public final class NoNotifications implements Notifications {
    @Override
    public boolean isConnected() {
        return false;
    }

    @Override
    public void create(long vmId, int vcpuId, long epoch, int sdeiEvent, int pageReadyInterrupt, String registrant) {}

    @Override
    public void destroy(long vmId, int vcpuId, long epoch) {}

    @Override
    public void arm(long vmId, int vcpuId, long epoch, long control, int sdeiEvent, int pageReadyInterrupt) {}

    @Override
    public void disarm(long vmId, int vcpuId, long epoch) {}

    @Override
    public void reset(long vmId, int vcpuId, long epoch) {}

    @Override
    public void publish(long vmId, int vcpuId, long epoch, int token, long cause, @Nullable TraceParent trace) {}

    @Override
    public void publishOrWait(long vmId, int vcpuId, long epoch, int token, long cause, @Nullable TraceParent trace) {}

    @Override
    public void withdraw(long vmId, int vcpuId, long epoch, int token) {}

    @Override
    public void complete(long vmId, int vcpuId, long epoch, int token, long cause, @Nullable TraceParent trace) {}

    @Override
    public void wakeAll(long vmId, int vcpuId, long epoch) {}
}
