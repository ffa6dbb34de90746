// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.guest;

/** How a guest behaves while the run lasts; at its end every guest behaves well. */
public enum Temper {
    /** As Linux does. */
    GOOD,
    /** Takes its time in every handler. */
    SLOW,
    /** Acknowledges at times without having cleared the area. */
    ACKNOWLEDGES_UNCLEARED,
    /** Clears the area at times and does not acknowledge. */
    CLEARS_UNACKNOWLEDGED,
    /** Clears at times one word of the area only. */
    CLEARS_HALF,
    /** Does not complete its event handler at times. */
    NEVER_COMPLETES,
    /** Clears and acknowledges when there is nothing to. */
    EAGER,
    /** Masks, disables, unregisters and resets its event, and makes calls that do not exist. */
    CHATTY,
    /** Turns asynchronous faults off and on. */
    TOGGLES,
    /** Stops reading its events for a while. */
    DEAF,
    /** Detaches, and lets another connection take its vCPUs over. */
    LEAVES,
    /** Has a handler for event 0 as well, and its vCPUs signal each other, masked or not. */
    SIGNALS,
    /** Raises more faults at once than a vCPU lets wait. */
    FLOODS,
    /** Never asks for asynchronous faults. */
    SYNCHRONOUS
}
