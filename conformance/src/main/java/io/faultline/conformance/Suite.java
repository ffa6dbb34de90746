// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance;

import io.faultline.conformance.cases.CancelCases;
import io.faultline.conformance.cases.CompletionCases;
import io.faultline.conformance.cases.ControlCases;
import io.faultline.conformance.cases.DispatchCases;
import io.faultline.conformance.cases.DuplicateCases;
import io.faultline.conformance.cases.EligibilityCases;
import io.faultline.conformance.cases.LifecycleCases;
import io.faultline.conformance.cases.NotPresentCases;
import io.faultline.conformance.cases.PageCases;
import io.faultline.conformance.cases.ReadyCases;
import io.faultline.conformance.cases.SdeiCases;
import io.faultline.conformance.cases.TokenCases;
import io.faultline.conformance.driver.Deployment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The cases that there are, in the order of their ids. */
public final class Suite {
    private static final List<Object> GROUPS = List.of(
            new TokenCases(),
            new EligibilityCases(),
            new DuplicateCases(),
            new NotPresentCases(),
            new CancelCases(),
            new ReadyCases(),
            new LifecycleCases(),
            new ControlCases(),
            new SdeiCases(),
            new DispatchCases(),
            new CompletionCases(),
            new PageCases());

    private Suite() {}

    /** One case. */
    public record Entry(Case description, Object group, Method method) {
        /** Its id. */
        public String id() {
            return description.id();
        }

        /**
         * Runs it.
         *
         * @throws io.faultline.conformance.driver.Violation when something does not hold
         * @throws io.faultline.conformance.driver.NotOffered when the deployment does not offer what it is about
         */
        void run(Deployment deployment) {
            try {
                method.invoke(group, deployment);
            } catch (InvocationTargetException e) {
                if (e.getCause() instanceof RuntimeException failure) {
                    throw failure;
                }
                throw new IllegalStateException("case " + id(), e.getCause());
            } catch (IllegalAccessException e) {
                throw new IllegalStateException("case " + id() + " is not public", e);
            }
        }
    }

    /** Every case: A1, A2, …, B1, … */
    public static List<Entry> all() {
        List<Entry> entries = new ArrayList<>();
        for (Object group : GROUPS) {
            for (Method method : group.getClass().getDeclaredMethods()) {
                Case description = method.getAnnotation(Case.class);
                if (description != null) {
                    entries.add(new Entry(description, group, method));
                }
            }
        }
        entries.sort(Comparator.comparingInt((Entry entry) -> entry.id().charAt(0))
                .thenComparingInt(entry -> Integer.parseInt(entry.id().substring(1))));
        return entries;
    }

    /**
     * The cases of these ids, in the suite's order.
     *
     * @throws IllegalArgumentException for an id that is no case's
     */
    public static List<Entry> of(List<String> ids) {
        List<Entry> all = all();
        for (String id : ids) {
            if (all.stream().noneMatch(entry -> entry.id().equals(id))) {
                throw new IllegalArgumentException("case: " + id + " (expected: one that --list names)");
            }
        }
        return all.stream().filter(entry -> ids.contains(entry.id())).toList();
    }
}
