// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** The {@code faultline} command: what the entry script runs. */
@NullMarked
package io.faultline.cli;

import org.jspecify.annotations.NullMarked;
