// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.verify;

/** What the auditor checks; each constant can be found violated. */
public enum Rule {
    /** A record holds a block that can be read. */
    RECORD_READABLE,
    /** No source dropped a step. */
    NOTHING_DROPPED,
    /** A block's source is a service of one of the two planes. */
    SOURCE_KNOWN,
    /** A step's kind is known and belongs to its source's plane. */
    KIND_OF_PLANE,
    /** A chain begins with OPENED, which is number 1, and with nothing else. */
    CHAIN_OPENED,
    /** Nothing follows a chain's CLOSED. */
    CHAIN_CLOSED,
    /** No number of a chain is missing. */
    NO_GAP,
    /** No number of a chain comes twice. */
    NO_REPEAT,
    /** A chain's epoch never decreases. */
    EPOCH_GROWS,
    /** A step about a fault names one that was raised and has no terminal step yet. */
    FAULT_OPEN,
    /** Every fault has a terminal step. */
    TERMINAL_PRESENT,
    /** A terminal step fits what came before: MAPPED has no token, FAILED and RESOLVED agree with the fetch. */
    TERMINAL_FITS,
    /** A token is neither 0 nor the wake-all value. */
    TOKEN_ISSUABLE,
    /** A token's low 12 bits are its vCPU. */
    TOKEN_OF_VCPU,
    /** A token is not outstanding when it is published. */
    TOKEN_FREE,
    /** A step about a published fault comes after PUBLISHED and has its token. */
    TOKEN_OF_FAULT,
    /** A page is installed, or its fetch has failed, once. */
    INSTALLED_ONCE,
    /** RESOLVED comes after INSTALLED. */
    RESOLVED_AFTER_INSTALLED,
    /** DELIVERED names the PUBLISHED of its token. */
    DELIVERED_AFTER_PUBLISHED,
    /** A token is delivered once. */
    DELIVERED_ONCE,
    /** What was refused was not delivered. */
    REFUSED_NOT_DELIVERED,
    /** READY comes once, after DELIVERED. */
    READY_AFTER_DELIVERED,
    /** READY and CANCELLED name the INSTALLED or FETCH_FAILED of their token: mapping comes before ready. */
    READY_AFTER_INSTALLED,
    /** CANCELLED does not come after DELIVERED. */
    CANCELLED_BEFORE_DELIVERED,
    /** What was delivered ends with READY, unless its epoch ended first. */
    DELIVERED_THEN_READY,
    /** RESOLVED as READY or CANCELLED is what the notification plane says as well. */
    RESOLVED_AS_NOTIFIED,
    /** ACKNOWLEDGED names the one page-ready that is not acknowledged. */
    ACKNOWLEDGED_AFTER_READY,
    /** At most one page-ready of a vCPU is unacknowledged. */
    ONE_UNACKNOWLEDGED
}
