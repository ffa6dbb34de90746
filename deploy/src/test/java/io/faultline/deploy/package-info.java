// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** What the tests of deployments share: the repository's files and the tools of others that read them. */
@NullMarked
package io.faultline.deploy;

import org.jspecify.annotations.NullMarked;
