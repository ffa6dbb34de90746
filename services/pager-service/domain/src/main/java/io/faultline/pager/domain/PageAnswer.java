// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

/** What came of a request, where no page bytes go with the answer. */
public enum PageAnswer {
    /** The page holds zeros only. */
    ZERO,
    /** No tier has a page of this name. */
    ABSENT,
    /** The page's bytes do not match their checksum. */
    CORRUPT,
    /** A bound is reached, or the swap store cannot be asked just now: to be retried. */
    UNAVAILABLE,
    /** The swap store has the page. */
    STORED
}
