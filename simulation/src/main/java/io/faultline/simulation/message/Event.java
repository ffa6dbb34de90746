// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.message;

import io.faultline.model.Token;
import io.faultline.notifier.domain.HostEvent;
import io.faultline.notifier.domain.HostEventKind;

/**
 * What the notifier did to a guest.
 *
 * @param kind what it was
 * @param vmId the VM
 * @param vcpuId the vCPU
 * @param callId the call that it answers, or 0
 * @param result with RESULT the value of x0
 * @param number with SDEI_EVENT the event's number
 * @param reason with SDEI_EVENT and INTERRUPT the area's reason word
 * @param token with SDEI_EVENT and INTERRUPT the area's token word
 */
public record Event(
        HostEventKind kind, long vmId, int vcpuId, long callId, long result, int number, int reason, int token) {
    /** Copies an event that went to a VM's guest. */
    public static Event of(long vmId, HostEvent event) {
        return new Event(
                event.kind(),
                vmId,
                event.vcpuId(),
                event.callId(),
                event.result(),
                event.event(),
                event.reason(),
                event.token());
    }

    @Override
    public String toString() {
        return kind + " vcpu " + vmId + "/" + vcpuId
                + switch (kind) {
                    case RESULT -> " " + result;
                    case SDEI_EVENT -> " " + number + area();
                    case INTERRUPT -> area();
                    case NONE, ATTACHED, RESUMED, DETACHED -> "";
                };
    }

    private String area() {
        return " area {" + reason + ", " + Token.format(token) + "}";
    }
}
