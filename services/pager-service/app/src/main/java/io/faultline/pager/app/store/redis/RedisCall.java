// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.redis;

import io.lettuce.core.protocol.RedisCommand;

/** A command about one extent. It may be sent more than once: where a redirection points. */
abstract class RedisCall {
    /** What a call with more than one page asks for or gives at most: it holds up the node for others as long. */
    static final int BYTES_MAX = 1 << 20;

    private final RedisGroup group;
    private final int bytes;
    private int redirections;

    /** A call of a group that asks for, or gives, so many bytes. */
    RedisCall(RedisGroup group, int bytes) {
        this.group = group;
        this.bytes = bytes;
    }

    /** The group that is answered when its last call has ended. */
    final RedisGroup group() {
        return group;
    }

    /** What the call takes of a node's bytes in flight. */
    final int bytes() {
        return bytes;
    }

    /** Counts a redirection; the number of them so far. One thread at a time has the call. */
    final int redirect() {
        return ++redirections;
    }

    /** The command, made anew each time. */
    abstract RedisCommand<byte[], byte[], ?> command();

    /** The node has carried the command out. Called under the group's lock, unless the group is over. */
    abstract void succeeded();
}
