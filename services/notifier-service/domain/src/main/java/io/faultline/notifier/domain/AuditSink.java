// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import io.faultline.model.AuditStep;

/** Where the plane's audit steps go. Called on the loop's thread. */
public interface AuditSink {
    /** Takes a step; the receiver copies what it needs before it returns. */
    void audit(AuditStep step);
}
