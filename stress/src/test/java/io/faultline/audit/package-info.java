// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** The audit ring under jcstress; its class is not for others to see. */
@NullMarked
package io.faultline.audit;

import org.jspecify.annotations.NullMarked;
