// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** The commands {@code faultline audit tail} and {@code faultline audit verify}. */
@NullMarked
package io.faultline.audit.cli;

import org.jspecify.annotations.NullMarked;
