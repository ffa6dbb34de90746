// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

/**
 * How many vCPUs are in which SDEI state at one moment, each counted once: by the first of these that is true of it.
 *
 * @param noGuest no guest is attached
 * @param masked the PE masks events
 * @param running a handler runs
 * @param unregistered the event for asynchronous faults has no handler
 * @param disabled that handler is disabled
 * @param ready an event would be dispatched at once
 * @param armed how many of all have asynchronous faults enabled
 * @param tokens tokens published and not ended, of all
 * @param completions completions that wait to become page-ready, of all
 */
public record VcpuSurvey(
        int noGuest,
        int masked,
        int running,
        int unregistered,
        int disabled,
        int ready,
        int armed,
        int tokens,
        int completions) {
    /** Of no vCPUs. */
    public static final VcpuSurvey EMPTY = new VcpuSurvey(0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** Counts vCPUs one by one. */
    static final class Count {
        private int noGuest;
        private int masked;
        private int running;
        private int unregistered;
        private int disabled;
        private int ready;
        private int armed;
        private int tokens;
        private int completions;

        void add(Vcpu vcpu) {
            Notifications notifications = vcpu.notifications();
            armed += notifications.isArmed() ? 1 : 0;
            tokens += notifications.tokens().size();
            completions += notifications.done().size();
            SdeiPe pe = notifications.pe();
            HandlerState handler = notifications.event().state();
            if (vcpu.guest() == null) {
                noGuest++;
            } else if (pe.isMasked()) {
                masked++;
            } else if (pe.depth() > 0) {
                running++;
            } else if (!handler.isRegistered()) {
                unregistered++;
            } else if (!handler.isEnabled()) {
                disabled++;
            } else {
                ready++;
            }
        }

        VcpuSurvey survey() {
            return new VcpuSurvey(noGuest, masked, running, unregistered, disabled, ready, armed, tokens, completions);
        }
    }
}
