// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.host;

/**
 * Who watches requests and pages go by. Loop thread only.
 *
 * @param timers takes times of all
 * @param traces follows the fetches that traced faults wait for
 */
public record Watch(PagerTimers timers, FetchTraces traces) {}
