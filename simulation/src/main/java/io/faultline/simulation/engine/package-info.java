// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0

/** What a simulation runs on: chance, time, streams that break, and a journal. */
@NullMarked
package io.faultline.simulation.engine;

import org.jspecify.annotations.NullMarked;
