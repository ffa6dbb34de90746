// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** Certificates for tests, good ones and bad ones, made without any program beside the JVM. */
@NullMarked
package io.faultline.authority;

import org.jspecify.annotations.NullMarked;
