// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.spool;

/** A finished block of steps on its way to the topic. Never changes, if nobody writes to its bytes. */
public final class Block {
    private final Life life;
    private final long number;
    private final long vmId;
    private final long firstUs;
    private final int steps;
    private final byte[] value;

    /**
     * A block.
     *
     * @param life whose steps it holds
     * @param number its place among the blocks of that life, from 1
     * @param vmId the VM that it is about
     * @param firstUs when its first step was appended, microseconds since the Unix epoch; without steps, when it was
     *     finished
     * @param steps how many steps it holds
     * @param value the serialized {@code AuditBlock}, not copied
     */
    public Block(Life life, long number, long vmId, long firstUs, int steps, byte[] value) {
        this.life = life;
        this.number = number;
        this.vmId = vmId;
        this.firstUs = firstUs;
        this.steps = steps;
        this.value = value;
    }

    /** Whose steps it holds. */
    public Life life() {
        return life;
    }

    /** Its place among the blocks of that life, from 1. */
    public long number() {
        return number;
    }

    /** The VM that it is about. */
    public long vmId() {
        return vmId;
    }

    /** When its first step was appended, microseconds since the Unix epoch. */
    public long firstUs() {
        return firstUs;
    }

    /** How many steps it holds. */
    public int steps() {
        return steps;
    }

    /** The serialized {@code AuditBlock}, not copied: to be read only. */
    public byte[] value() {
        return value;
    }
}
