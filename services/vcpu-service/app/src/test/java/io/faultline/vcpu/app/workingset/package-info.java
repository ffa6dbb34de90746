// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** Tests of the files of working sets. */
@NullMarked
package io.faultline.vcpu.app.workingset;

import org.jspecify.annotations.NullMarked;
