// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** Tests of the spool. */
@NullMarked
package io.faultline.audit.spool;

import org.jspecify.annotations.NullMarked;
