// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** The service's meters. */
@NullMarked
package io.faultline.notifier.app.metrics;

import org.jspecify.annotations.NullMarked;
