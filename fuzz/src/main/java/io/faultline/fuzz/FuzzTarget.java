// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.fuzz;

import java.util.List;

/** Something that reads bytes from outside. One thread at a time. */
public interface FuzzTarget {
    /**
     * Has the bytes read. What is wrong with them has to be said as their reader promises.
     *
     * @throws Exception if it is not, or if what was read is wrong: a finding
     */
    void read(byte[] bytes) throws Exception;

    /** Well-formed inputs to begin with. */
    List<byte[]> seeds();
}
