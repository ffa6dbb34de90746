// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** Tests of what makes certificates for development. */
@NullMarked
package io.faultline.deploy.tls;

import org.jspecify.annotations.NullMarked;
