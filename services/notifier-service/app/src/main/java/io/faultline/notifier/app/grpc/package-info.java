// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** The service's streams; generated types stay in here. */
@NullMarked
package io.faultline.notifier.app.grpc;

import org.jspecify.annotations.NullMarked;
