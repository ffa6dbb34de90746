// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** Tests of the streams. */
@NullMarked
package io.faultline.notifier.app.grpc;

import org.jspecify.annotations.NullMarked;
