// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import org.apache.kafka.clients.producer.Producer;
import org.jspecify.annotations.Nullable;

/** Brings producers that know the broker and the topic. Asked by the publishing thread, and never blocks it. */
interface BrokerLink extends AutoCloseable {
    /** The producer that was asked for, once; null as long as the broker does not answer. */
    @Nullable
    Producer<byte[], byte[]> poll();

    /** Gives a producer up, with all that it was given, and asks for another one; the old one has ended before that comes. */
    void replace(Producer<byte[], byte[]> old);

    /** Gives the search up. */
    @Override
    void close();
}
