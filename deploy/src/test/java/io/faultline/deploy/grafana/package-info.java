// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
/** Grafana's dashboards: written from their short form, held against Grafana's rules and against a real Prometheus. */
@NullMarked
package io.faultline.deploy.grafana;

import org.jspecify.annotations.NullMarked;
