// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** A run as one HTML file for a person, which loads nothing: charts, captions that say how to read them, and tables. */
@NullMarked
package io.faultline.loadtest.report.page;

import org.jspecify.annotations.NullMarked;
