// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** What the service counts, for Micrometer. */
@NullMarked
package io.faultline.vcpu.app.metrics;

import org.jspecify.annotations.NullMarked;
