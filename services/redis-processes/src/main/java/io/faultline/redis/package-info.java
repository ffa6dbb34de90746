// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** Real Redis servers and clusters on loopback, for tests that stop, kill and overfill them. */
@NullMarked
package io.faultline.redis;

import org.jspecify.annotations.NullMarked;
