// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/**
 * The auditor: a state machine that is fed the trail and says whether the protocol was kept. No I/O, no clock, no thread.
 */
@NullMarked
package io.faultline.audit.verify;

import org.jspecify.annotations.NullMarked;
