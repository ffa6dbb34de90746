// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** The service's settings. */
@NullMarked
package io.faultline.vcpu.app.config;

import org.jspecify.annotations.NullMarked;
