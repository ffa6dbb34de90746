// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

/** What became of a guest's wish to attach to a vCPU. */
public enum Attachment {
    /** The guest's events go to its session now. */
    ATTACHED,
    /** No vcpu-service created that vCPU. */
    NOT_FOUND,
    /** The session belongs to another VM already. */
    OTHER_VM
}
