// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** Tests of the service as a process. */
@NullMarked
package io.faultline.notifier.app;

import org.jspecify.annotations.NullMarked;
