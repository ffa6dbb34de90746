// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** The service's settings. */
@NullMarked
package io.faultline.notifier.app.config;

import org.jspecify.annotations.NullMarked;
