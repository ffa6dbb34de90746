/** The {@code replay} command. */
@NullMarked
package io.faultline.loadtest;

import org.jspecify.annotations.NullMarked;
