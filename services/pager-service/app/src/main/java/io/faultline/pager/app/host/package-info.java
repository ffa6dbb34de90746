// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** Runs the domain on the service's loop and carries out its effects. */
@NullMarked
package io.faultline.pager.app.host;

import org.jspecify.annotations.NullMarked;
