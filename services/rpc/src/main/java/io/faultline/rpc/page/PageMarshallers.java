// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.page;

import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;

/** The marshallers of both ends; each knows one direction, as one end only ever sends or receives a kind of batch. */
final class PageMarshallers {
    private PageMarshallers() {}

    /** Sends batches. */
    static final class Sending<T extends OutgoingPages> implements Marshaller<T> {
        @Override
        public InputStream stream(T batch) {
            return batch.encoded();
        }

        @Override
        public T parse(InputStream message) {
            throw new UnsupportedOperationException("this end of the stream only sends such batches");
        }
    }

    /** Receives requests; a refusal travels inside the batch, since what a server's marshaller throws is lost. */
    static final class ReceivingRequests implements Marshaller<IncomingPageRequests> {
        @Override
        public InputStream stream(IncomingPageRequests batch) {
            throw new UnsupportedOperationException("this end of the stream only receives such batches");
        }

        @Override
        public IncomingPageRequests parse(InputStream message) {
            IncomingPageRequests batch = new IncomingPageRequests();
            try {
                batch.parse(message);
            } catch (StatusRuntimeException e) {
                batch.refuse(e.getStatus());
            }
            return batch;
        }
    }

    /** Receives replies; a refusal is thrown, and gRPC ends the call with it as the cause. */
    static final class ReceivingReplies implements Marshaller<IncomingPageReplies> {
        @Override
        public InputStream stream(IncomingPageReplies batch) {
            throw new UnsupportedOperationException("this end of the stream only receives such batches");
        }

        @Override
        public IncomingPageReplies parse(InputStream message) {
            IncomingPageReplies batch = new IncomingPageReplies();
            batch.parse(message);
            return batch;
        }
    }
}
