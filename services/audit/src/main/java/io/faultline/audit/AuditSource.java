// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Which service a process is, as the trail names it. Each service declares one as a bean.
 *
 * @param service {@code vcpu-service} or {@code notifier-service}: what tells the auditor which plane a step is of
 */
public record AuditSource(String service) {
    /** Refuses a name that could not stand before the slash of {@code AuditBlock.source}. */
    public AuditSource {
        if (service.isBlank() || service.indexOf('/') >= 0) {
            throw new IllegalArgumentException("service: \"" + service + "\" (expected: a name without a slash)");
        }
    }

    /** The source as the trail's records name it: service, slash, instance; an empty instance is the host's name. */
    String named(String instance) {
        return service + "/" + (instance.isEmpty() ? hostName() : instance);
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "local";
        }
    }
}
