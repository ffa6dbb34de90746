// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** Prometheus' configuration, rules and runbooks, held against promtool, the catalogue of metrics, and real services. */
@NullMarked
package io.faultline.deploy.prometheus;

import org.jspecify.annotations.NullMarked;
