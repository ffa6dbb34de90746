// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** Tests of the fault plane's domain; case ids (A1, B15 …) are those of the protocol's conformance tests. */
@NullMarked
package io.faultline.vcpu.domain;

import org.jspecify.annotations.NullMarked;
