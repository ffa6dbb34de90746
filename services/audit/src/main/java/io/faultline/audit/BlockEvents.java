// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import io.faultline.audit.spool.Block;
import io.faultline.proto.audit.v1.AuditBlock;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/** Makes a block the CloudEvent that stands in the topic, in binary mode and keyed by its VM. */
final class BlockEvents {
    /** The {@code ce_type} of a block. */
    static final String TYPE = "io.faultline.audit.block.v1";
    /** The {@code content-type} of a block. */
    static final String CONTENT_TYPE = "application/protobuf";

    private static final byte REPLAYED_TAG = AuditBlock.REPLAYED_FIELD_NUMBER << 3;

    private BlockEvents() {}

    /** The record for that topic; {@code replayed} if the broker may have the block already. */
    static ProducerRecord<byte[], byte[]> of(String topic, Block block, boolean replayed) {
        byte[] key = ByteBuffer.allocate(Long.BYTES).putLong(block.vmId()).array();
        byte[] value = replayed ? replayed(block.value()) : block.value();
        ProducerRecord<byte[], byte[]> entry = new ProducerRecord<>(topic, key, value);
        entry.headers()
                .add(header("ce_specversion", "1.0"))
                .add(header("ce_source", block.life().source()))
                .add(header("ce_type", TYPE))
                .add(header("content-type", CONTENT_TYPE))
                // The same event has the same id, however often it is sent.
                .add(header("ce_id", block.life().incarnation() + "-" + block.number()))
                .add(header(
                        "ce_time",
                        Instant.EPOCH.plus(block.firstUs(), ChronoUnit.MICROS).toString()));
        return entry;
    }

    /** A field more: the fields of a serialized message may come in any order. */
    private static byte[] replayed(byte[] value) {
        byte[] longer = Arrays.copyOf(value, value.length + 2);
        longer[value.length] = REPLAYED_TAG;
        longer[value.length + 1] = 1;
        return longer;
    }

    private static Header header(String name, String value) {
        return new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
