// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.config;

import io.faultline.pager.domain.eviction.PolicyKind;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The eviction policy that a user asks for, as {@code faultline.pager.dram-policy} names it.
 *
 * @param first the policy, or with {@code auto} the one to begin with
 * @param isAuto whether another takes its place when that has been better for long
 */
public record PolicyChoice(PolicyKind first, boolean isAuto) {
    /** The user's word for {@link #isAuto}. */
    static final String AUTO = "auto";

    /**
     * Reads a user's choice. Spring binds settings by this method's name.
     *
     * @throws IllegalArgumentException saying what was given and what is allowed
     */
    public static PolicyChoice of(String text) {
        String word = text.toLowerCase(Locale.ROOT).replace('_', '-');
        if (word.equals(AUTO)) {
            return new PolicyChoice(PolicyKind.W_TINYLFU, true);
        }
        for (PolicyKind kind : PolicyKind.values()) {
            if (word.equals(kind.setting())) {
                return new PolicyChoice(kind, false);
            }
        }
        String kinds =
                Arrays.stream(PolicyKind.values()).map(PolicyKind::setting).collect(Collectors.joining(", "));
        throw new IllegalArgumentException(
                "faultline.pager.dram-policy: " + text + " (expected: " + kinds + " or " + AUTO + ")");
    }
}
