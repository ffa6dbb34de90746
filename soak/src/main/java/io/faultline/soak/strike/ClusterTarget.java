// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.strike;

import io.faultline.soak.network.Relay;

/** A cluster of masters with a replica each, as strikes see it. Servers have numbers from 0. */
public interface ClusterTarget {
    /** How many masters there are, each of a shard. */
    int shards();

    /** Which server is a shard's master now. */
    int master(int shard);

    /** The network in front of a server. */
    Relay relay(int server);

    /** Waits until a shard's replica has all that its master has. */
    void awaitInStep(int shard);

    /** Waits until a shard's replica has taken over from its master, which does not answer. */
    void awaitTakeover(int shard);

    /** Ends a server as a crash would. */
    void kill(int server);

    /** Starts a server that was killed, empty. */
    void restart(int server);

    /** Stops a server's process without ending it. */
    void freeze(int server);

    /** Lets a server's process go on. */
    void thaw(int server);
}
