// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.faultline.audit.verify;

import org.jspecify.annotations.NullMarked;
