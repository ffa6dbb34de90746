// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** What a case speaks to a deployment with: a VM and its vCPUs, a guest, a fault plane of its own, a client of pages. */
@NullMarked
package io.faultline.conformance.driver;

import org.jspecify.annotations.NullMarked;
