/**
 * Replays a recorded fault stream against running services, in a closed loop, and checks what comes back:
 * {@link io.faultline.loadtest.replay.Replay} is the entry.
 */
@NullMarked
package io.faultline.loadtest.replay;

import org.jspecify.annotations.NullMarked;
