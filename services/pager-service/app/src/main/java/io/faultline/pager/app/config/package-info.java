// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** The settings of pager-service. */
@NullMarked
package io.faultline.pager.app.config;

import org.jspecify.annotations.NullMarked;
