// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** notifier-service: the notification plane with its gRPC connections, settings and metrics. */
@NullMarked
package io.faultline.notifier.app;

import org.jspecify.annotations.NullMarked;
