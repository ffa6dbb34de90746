// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks a method as a case: it takes the {@link io.faultline.conformance.driver.Deployment} and throws when something does not hold. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Case {
    /** The case's id in {@code docs/protocol-cases.tsv}, such as {@code G10}. */
    String id();

    /** The rules that it is drawn from: the protocol's invariants, or the part of the wire contract. */
    String source();

    /** What must hold, in a sentence without its full stop. */
    String holds();
}
