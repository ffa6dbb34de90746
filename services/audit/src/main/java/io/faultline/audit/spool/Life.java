// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.spool;

/**
 * One life of a service, as the trail names it.
 *
 * @param source the service and its instance, with a slash between
 * @param incarnation when it started, microseconds since the Unix epoch
 */
public record Life(String source, long incarnation) {}
