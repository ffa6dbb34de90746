// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** Tests of {@code docker-compose.yml} and of what builds, fills and verifies its images. */
@NullMarked
package io.faultline.deploy.compose;

import org.jspecify.annotations.NullMarked;
