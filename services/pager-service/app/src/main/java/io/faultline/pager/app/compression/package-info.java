// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** The compressed tier's bytes: codecs, memory, and the thread that deflates. */
@NullMarked
package io.faultline.pager.app.compression;

import org.jspecify.annotations.NullMarked;
