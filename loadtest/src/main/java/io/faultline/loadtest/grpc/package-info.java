/**
 * The replay's side of the wire: generated messages come in and go out here and nowhere else in this module.
 */
@NullMarked
package io.faultline.loadtest.grpc;

import org.jspecify.annotations.NullMarked;
