// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/**
 * The objects under {@code deploy/kubernetes} as kustomize builds them: read strictly, and held against each other and
 * against the services' settings.
 */
@NullMarked
package io.faultline.deploy.kubernetes;

import org.jspecify.annotations.NullMarked;
