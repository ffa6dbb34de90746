// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.faultline.proto.notifier.v1.GuestServiceGrpc;
import io.faultline.proto.notifier.v1.NotificationServiceGrpc;
import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.faultline.proto.vcpu.v1.FaultServiceGrpc;
import org.jspecify.annotations.Nullable;

/** The streams of batches between clients, guests and services. */
public enum StreamKind {
    /** {@code FaultService.Raise}. */
    RAISE(FaultServiceGrpc.getRaiseMethod().getFullMethodName()),
    /** {@code PageService.Exchange}. */
    EXCHANGE(PageServiceGrpc.getExchangeMethod().getFullMethodName()),
    /** {@code NotificationService.Notify}. */
    NOTIFY(NotificationServiceGrpc.getNotifyMethod().getFullMethodName()),
    /** {@code GuestService.Attach}. */
    ATTACH(GuestServiceGrpc.getAttachMethod().getFullMethodName());

    private static final StreamKind[] VALUES = values();

    private final String method;

    StreamKind(String method) {
        this.method = method;
    }

    /** The kind of a method's streams, or null for any other method. */
    static @Nullable StreamKind of(String fullMethodName) {
        for (StreamKind kind : VALUES) {
            if (kind.method.equals(fullMethodName)) {
                return kind;
            }
        }
        return null;
    }
}
