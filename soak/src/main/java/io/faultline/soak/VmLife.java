// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak;

import io.faultline.loadtest.replay.ReplayResult;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One guest's life.
 *
 * @param vmId which VM it was
 * @param result what came of it; null if it could not be lived to its end
 * @param broken what must hold and did not, in words
 */
record VmLife(long vmId, @Nullable ReplayResult result, List<String> broken) {}
