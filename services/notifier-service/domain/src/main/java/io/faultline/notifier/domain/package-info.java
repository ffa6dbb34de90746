// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/**
 * The notification plane without I/O: per vCPU one shared area, one SDEI state and one page-ready interrupt, and the rules
 * by which "page not present" and "page ready" reach a guest exactly once and in order. One thread owns everything here.
 */
@NullMarked
package io.faultline.notifier.domain;

import org.jspecify.annotations.NullMarked;
