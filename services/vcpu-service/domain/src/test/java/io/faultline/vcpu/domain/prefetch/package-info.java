// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** Tests of what a stream of misses seems to follow. */
@NullMarked
package io.faultline.vcpu.domain.prefetch;

import org.jspecify.annotations.NullMarked;
