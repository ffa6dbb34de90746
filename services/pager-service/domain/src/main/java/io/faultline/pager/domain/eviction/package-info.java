// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** Which page leaves a full tier: the policies, behind one interface. */
@NullMarked
package io.faultline.pager.domain.eviction;

import org.jspecify.annotations.NullMarked;
