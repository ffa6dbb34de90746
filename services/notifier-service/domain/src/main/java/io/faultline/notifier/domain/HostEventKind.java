// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

/** What the host did to a guest's vCPU. Codes are the numbers on the wire. */
public enum HostEventKind {
    /** Never sent. */
    NONE(0),
    /** ATTACH took effect. */
    ATTACHED(1),
    /** A call returned. */
    RESULT(2),
    /** An SDEI event was dispatched. */
    SDEI_EVENT(3),
    /** A handler ended: the vCPU goes on. */
    RESUMED(4),
    /** The page-ready interrupt's level went high. */
    INTERRUPT(5),
    /** The vCPU is not attached any more. */
    DETACHED(6);

    private final int code;

    HostEventKind(int code) {
        this.code = code;
    }

    /** The number that stands for this on the wire. */
    public int code() {
        return code;
    }
}
