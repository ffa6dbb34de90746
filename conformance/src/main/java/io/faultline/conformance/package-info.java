// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** The black-box suite: which cases there are, how they are run, and what is reported of them. */
@NullMarked
package io.faultline.conformance;

import org.jspecify.annotations.NullMarked;
