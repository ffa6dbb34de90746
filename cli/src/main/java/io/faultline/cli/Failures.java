// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

/** Turns what a command failed with into a sentence for the person who runs it. */
final class Failures {
    private Failures() {}

    /** The messages of a failure and its causes, outermost first, each once; Spring's talk of beans is left out. */
    static String sentence(Throwable failure) {
        StringBuilder sentence = new StringBuilder();
        String last = "";
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
            if (!last.contains(message) && !isAboutBeans(cause)) {
                sentence.append(sentence.isEmpty() ? "" : ": ").append(message);
                last = message;
            }
        }
        return sentence.isEmpty() ? String.valueOf(failure.getMessage()) : sentence.toString();
    }

    private static boolean isAboutBeans(Throwable cause) {
        return cause.getClass().getName().startsWith("org.springframework.");
    }
}
