// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.grpc;

import io.faultline.notifier.domain.CpuContext;

/** Registers between the wire and the domain. Stateless. */
final class CpuContexts {
    private CpuContexts() {}

    /** Copies a message of at most 18 registers; missing ones stay 0. */
    static void copy(io.faultline.proto.notifier.v1.CpuContext message, CpuContext to) {
        for (int n = 0; n < message.getXCount(); n++) {
            to.x(n, message.getX(n));
        }
        to.at(message.getPc(), message.getPstate());
        to.returningTo(message.getElrEl1(), message.getSpsrEl1());
    }

    static io.faultline.proto.notifier.v1.CpuContext toMessage(CpuContext context) {
        io.faultline.proto.notifier.v1.CpuContext.Builder message =
                io.faultline.proto.notifier.v1.CpuContext.newBuilder()
                        .setPc(context.pc())
                        .setPstate(context.pstate())
                        .setElrEl1(context.elr())
                        .setSpsrEl1(context.spsr());
        for (int n = 0; n < CpuContext.REGISTERS; n++) {
            message.addX(context.x(n));
        }
        return message.build();
    }
}
