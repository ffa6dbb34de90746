// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** What a stream of misses seems to follow, and how far ahead of it pages are worth asking for. */
@NullMarked
package io.faultline.vcpu.domain.prefetch;

import org.jspecify.annotations.NullMarked;
