/**
 * A simulated guest kernel that runs tasks over asynchronous page faults as Linux on arm64 would: a state machine
 * without I/O, driven by one thread.
 */
@NullMarked
package io.faultline.loadtest.guest;

import org.jspecify.annotations.NullMarked;
