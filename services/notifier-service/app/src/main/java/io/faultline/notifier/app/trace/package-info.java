// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** The notification plane's part of a traced fault. */
@NullMarked
package io.faultline.notifier.app.trace;

import org.jspecify.annotations.NullMarked;
