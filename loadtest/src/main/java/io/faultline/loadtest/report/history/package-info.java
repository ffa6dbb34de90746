// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** What a replay notes of itself while it runs, in memory that does not grow with it. */
@NullMarked
package io.faultline.loadtest.report.history;

import org.jspecify.annotations.NullMarked;
