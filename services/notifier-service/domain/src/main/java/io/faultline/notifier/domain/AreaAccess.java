// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import io.faultline.model.ControlWord;

/** Whether a guest's shared area can be read and written. Called on the loop's thread. */
@FunctionalInterface
public interface AreaAccess {
    /** Any aligned address that an arm64 guest can have: 52 bits, and not 0. */
    AreaAccess ADDRESSABLE =
            (vmId, address) -> address > 0 && address < 1L << 52 && ControlWord.areaAddress(address) == address;

    /** Whether the area at an intermediate physical address, in bytes, can be accessed. */
    boolean isAccessible(long vmId, long address);
}
