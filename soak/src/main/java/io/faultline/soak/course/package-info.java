// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** What a long run's processes take from beginning to end, and whether it grows. */
@NullMarked
package io.faultline.soak.course;

import org.jspecify.annotations.NullMarked;
