// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** Tests of the notification plane, in the vocabulary of the protocol's conformance tests. */
@NullMarked
package io.faultline.notifier.domain;

import org.jspecify.annotations.NullMarked;
