// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain.prefetch;

/** Why a page is hinted at. */
public enum HintSource {
    /** It lies ahead of a stream of misses. */
    TREND(1),
    /** The guest touched it in the last life of its VM. */
    WORKING_SET(2);

    private static final HintSource[] BY_CODE = values();

    private final int code;

    HintSource(int code) {
        this.code = code;
    }

    /** 1 to 3, so that it fits two bits that are 0 for a page not hinted at. */
    public int code() {
        return code;
    }

    /** The source of a code. */
    public static HintSource of(int code) {
        return BY_CODE[code - 1];
    }
}
