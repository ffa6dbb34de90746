// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** What VMs touched, kept from one life to the next. */
@NullMarked
package io.faultline.vcpu.app.workingset;

import org.jspecify.annotations.NullMarked;
