// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** The meters of pager-service. */
@NullMarked
package io.faultline.pager.app.metrics;

import org.jspecify.annotations.NullMarked;
