// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** The page service's endpoint; generated types stay in here. */
@NullMarked
package io.faultline.pager.app.grpc;

import org.jspecify.annotations.NullMarked;
