// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** The suite against the real services, and against the same services with bugs between them. */
@NullMarked
package io.faultline.conformance;

import org.jspecify.annotations.NullMarked;
