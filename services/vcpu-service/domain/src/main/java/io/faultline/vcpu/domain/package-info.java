// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/**
 * The fault plane's domain: one {@link io.faultline.vcpu.domain.VirtualMachine} per VM, a single-threaded state machine
 * without I/O, clock, random or logger. Inputs are method calls with the time; what shall happen goes out through
 * {@link io.faultline.vcpu.domain.Effects}.
 */
@NullMarked
package io.faultline.vcpu.domain;

import org.jspecify.annotations.NullMarked;
