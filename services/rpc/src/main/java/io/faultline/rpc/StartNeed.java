// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import java.util.function.BooleanSupplier;

/**
 * What a service must have reached once since its start before it says that it serves.
 *
 * @param name it, in words, such as {@code notifier-service at 127.0.0.1:7003}
 * @param isReached whether it is reached now; asked on the loop, never blocks
 */
public record StartNeed(String name, BooleanSupplier isReached) {}
