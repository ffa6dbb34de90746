// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.strike;

/** What can go wrong. */
public enum StrikeKind {
    /** A pager ends without a word and comes back without its memory. */
    PAGER_KILLED("a pager killed (kill -9), and started again"),
    /** A pager's process stands still. */
    PAGER_STALLED("a pager stalled (SIGSTOP)"),
    /** Bytes between vcpu-service and a pager take long. */
    PAGER_NETWORK_SLOW("the network to a pager slow"),
    /** Connections between vcpu-service and a pager are reset, and none can be made. */
    PAGER_NETWORK_CUT("the network to a pager cut"),
    /** Bytes between vcpu-service and a pager do not arrive, in one direction or both; nothing says so. */
    PAGER_NETWORK_SILENT("the network to a pager silent, one way or both"),
    /** A master of the Redis Cluster ends without a word; its replica takes over, and it comes back as the replica. */
    MASTER_KILLED("a cluster master killed (kill -9), and started again"),
    /** A master's process stands still, for a moment or until its replica has taken over. */
    MASTER_STALLED("a cluster master stalled (SIGSTOP)"),
    /** Bytes to and from a master take long, those to its replica too. */
    MASTER_NETWORK_SLOW("the network to a cluster master slow"),
    /** Connections to a master are reset, its replica's too, and none can be made. */
    MASTER_NETWORK_CUT("the network to a cluster master cut"),
    /** Bytes to or from a master do not arrive; nothing says so. */
    MASTER_NETWORK_SILENT("the network to a cluster master silent, one way or both");

    private final String words;

    StrikeKind(String words) {
        this.words = words;
    }

    /** What it is, for a person. */
    public String words() {
        return words;
    }
}
