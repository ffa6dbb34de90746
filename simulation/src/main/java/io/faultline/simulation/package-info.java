// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** The whole platform on one thread, in virtual time, from one seed: the run, its nemesis and its report. */
@NullMarked
package io.faultline.simulation;

import org.jspecify.annotations.NullMarked;
