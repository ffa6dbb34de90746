// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import io.faultline.proto.audit.v1.AuditBlock;
import io.faultline.proto.audit.v1.AuditStep;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes steps of one VM as a serialized {@link AuditBlock}, at most {@link #STEPS_MAX} of them. Reusable; owned by the
 * publishing thread.
 */
final class BlockEncoder {
    /*
     * The bytes are written directly instead of through the generated builder: a builder costs an object a step and a
     * second pass for the sizes, on a thread that shares its core with the event loop. A step is at most 71 bytes, so
     * its length is one byte, which is filled in once the step is written. Fields that are zero are left out, as
     * proto3 says. That the result is what the generated code reads is the test's business.
     */
    /** How many steps a block holds at most. */
    static final int STEPS_MAX = 256;

    private static final int VARINT_BYTES_MAX = 10;
    private static final int STEP_BYTES_MAX = 71 + 2;
    private static final int SEVEN_BITS = 0x7F;
    private static final int MORE = 0x80;
    private static final int VARINT = 0;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED32 = 5;

    private final byte[] bytes;
    private final int headBytes;
    private int at;
    private int steps;
    private long vmId;
    private long firstUs;
    private long lastUs;

    /** An encoder for blocks of that source. */
    BlockEncoder(String source, long incarnation) {
        byte[] name = source.getBytes(StandardCharsets.UTF_8);
        bytes = new byte[name.length + 6 * VARINT_BYTES_MAX + STEPS_MAX * STEP_BYTES_MAX];
        at = 0;
        tag(AuditBlock.SOURCE_FIELD_NUMBER, LENGTH_DELIMITED);
        varint(name.length);
        System.arraycopy(name, 0, bytes, at, name.length);
        at += name.length;
        field(AuditBlock.INCARNATION_FIELD_NUMBER, incarnation);
        headBytes = at;
    }

    /** Begins a block about that VM. */
    void open(long vm) {
        at = headBytes;
        steps = 0;
        firstUs = 0;
        lastUs = 0;
        vmId = vm;
        field(AuditBlock.VM_ID_FIELD_NUMBER, vm);
    }

    /** Adds a step of that VM; the block must not be full. */
    void add(StepRecord step) {
        tag(AuditBlock.STEPS_FIELD_NUMBER, LENGTH_DELIMITED);
        int length = at++;
        field(AuditStep.SEQUENCE_FIELD_NUMBER, step.sequence);
        field(AuditStep.KIND_FIELD_NUMBER, step.kind);
        field(AuditStep.TIME_UNIX_US_FIELD_NUMBER, step.timeUs);
        field(AuditStep.VCPU_ID_FIELD_NUMBER, step.vcpuId);
        field(AuditStep.EPOCH_FIELD_NUMBER, step.epoch);
        fixed32(AuditStep.TOKEN_FIELD_NUMBER, step.token);
        field(AuditStep.GFN_FIELD_NUMBER, step.gfn);
        field(AuditStep.DETAIL_FIELD_NUMBER, step.detail);
        field(AuditStep.CAUSE_FIELD_NUMBER, step.cause);
        bytes[length] = (byte) (at - length - 1);
        if (steps++ == 0) {
            firstUs = step.timeUs;
        }
        lastUs = step.timeUs;
    }

    /** The block's bytes, with its number and the number of steps that its source has dropped so far. */
    byte[] finish(long number, long droppedTotal) {
        field(AuditBlock.DROPPED_TOTAL_FIELD_NUMBER, droppedTotal);
        field(AuditBlock.NUMBER_FIELD_NUMBER, number);
        return Arrays.copyOf(bytes, at);
    }

    boolean isFull() {
        return steps == STEPS_MAX;
    }

    int steps() {
        return steps;
    }

    long vmId() {
        return vmId;
    }

    /** When the block's first step was appended, microseconds since the Unix epoch; 0 for an empty block. */
    long firstUs() {
        return firstUs;
    }

    /** When the block's last step was appended. */
    long lastUs() {
        return lastUs;
    }

    private void field(int number, long value) {
        if (value != 0) {
            tag(number, VARINT);
            varint(value);
        }
    }

    private void fixed32(int number, int value) {
        if (value != 0) {
            tag(number, FIXED32);
            for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
                bytes[at++] = (byte) (value >>> shift);
            }
        }
    }

    private void tag(int number, int wireType) {
        bytes[at++] = (byte) ((number << 3) | wireType);
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~SEVEN_BITS) != 0) {
            bytes[at++] = (byte) ((rest & SEVEN_BITS) | MORE);
            rest >>>= 7;
        }
        bytes[at++] = (byte) rest;
    }
}
