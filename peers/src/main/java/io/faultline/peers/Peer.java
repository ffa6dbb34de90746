// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers;

/**
 * Something that does the same work as others and is measured beside them. Used by one thread.
 *
 * @param <S> the shapes of the work, such as how much of it is under way at once
 */
public interface Peer<S> {
    /** Its name in tables and in JSON: lower case, words joined by underscores. */
    String name();

    /**
     * Works for so long and says how it went.
     *
     * @param durationNs how long new work is begun, in nanoseconds
     * @throws Exception if the work went wrong: a benchmark ends with it, for its figures would be of something else
     */
    Sample run(S shape, long durationNs) throws Exception;
}
