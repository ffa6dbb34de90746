// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/**
 * The words that all planes share: tokens, control words, page sizes, and the reasons that travel on the wire. Depends on
 * nothing; everything here is immutable and safe for any thread.
 */
@NullMarked
package io.faultline.model;

import org.jspecify.annotations.NullMarked;
