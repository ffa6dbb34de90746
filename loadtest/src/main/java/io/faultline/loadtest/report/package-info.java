/** What a replay has to say: JSON for programs, a table for people, and progress while it runs. */
@NullMarked
package io.faultline.loadtest.report;

import org.jspecify.annotations.NullMarked;
