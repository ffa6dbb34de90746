// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance.driver;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;

/**
 * The deployment under test as one case sees it: VMs of its own, which end with the case. Used by the case's thread.
 */
public final class Deployment implements AutoCloseable {
    /** The life of something that a case made. */
    interface Life {
        /** Ends it in good order, and holds what must be so at its end. */
        void end();
    }

    private final Endpoints endpoints;
    private final Conversation conversation;
    private final LongSupplier vmIds;
    private final Deque<Life> lives = new ArrayDeque<>();

    /**
     * A case's view.
     *
     * @param vmIds VM ids that nobody else uses
     */
    public Deployment(Endpoints endpoints, Conversation conversation, LongSupplier vmIds) {
        this.endpoints = endpoints;
        this.conversation = conversation;
        this.vmIds = vmIds;
    }

    /** A VM of these vCPUs, with more pages than frames: most are swapped out. */
    public Machine machine(int... vcpuIds) {
        return Machine.register(this, vmIds.getAsLong(), true, vcpuIds);
    }

    /** A VM of vCPU 0 without an in-kernel interrupt controller, otherwise alike. */
    public Machine machineWithoutIrqchip() {
        return Machine.register(this, vmIds.getAsLong(), false, 0);
    }

    /** The status with which a VM of these vCPUs is refused. */
    public Status.Code refusedMachine(int... vcpuIds) {
        try {
            Machine machine = machine(vcpuIds);
            throw new Violation("a VM that is refused", "VM " + machine.vmId());
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }

    /** The place of vcpu-service, towards the notifier, for a VM with this vCPU. */
    public Owner owner(int vcpuId) {
        return new Owner(this, vmIds.getAsLong(), vcpuId);
    }

    /** A client of the pager, for pages of a VM that no vcpu-service knows. */
    public Pages pages() {
        return new Pages(this, vmIds.getAsLong());
    }

    Endpoints endpoints() {
        return endpoints;
    }

    Conversation conversation() {
        return conversation;
    }

    void began(Life life) {
        lives.push(life);
    }

    /**
     * Ends what the case made, the last first, all of it whatever happens.
     *
     * @throws Violation the first thing that was not as it must be at its end
     */
    @Override
    public void close() {
        RuntimeException first = null;
        while (!lives.isEmpty()) {
            try {
                lives.pop().end();
            } catch (RuntimeException e) {
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
        conversation.requireUnbroken();
    }
}
