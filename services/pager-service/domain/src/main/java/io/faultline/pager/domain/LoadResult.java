// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

/** What the swap store had to say about a page it was asked for. */
public enum LoadResult {
    /** Its bytes are in the cell. */
    DATA,
    /** It holds zeros only; the cell was left alone. */
    ZERO,
    /** It has none of this name. */
    ABSENT,
    /** Its value is not what was once put there. */
    CORRUPT,
    /** It could not be asked. */
    UNAVAILABLE
}
