// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.strike;

/**
 * A strike that was survived.
 *
 * @param kind what it was
 * @param target what was hit
 * @param outageS from when it was hit until it, or what took its place, worked again, in seconds
 * @param recoveryS from then until every guest had got on, in seconds
 */
public record StrikeRecord(StrikeKind kind, String target, double outageS, double recoveryS) {}
