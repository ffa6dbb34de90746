// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.guest;

/** What a guest does to its host: the effects of {@link GuestKernel}, called on the kernel's thread, in order. */
public interface GuestHost {
    /**
     * A task's access faulted.
     *
     * @param sequence names the fault until its terminal outcome
     * @param access the access, as the kernel was given it
     * @param retry whether the access is in flight with an earlier fault already: this one waits for the page and moves
     *     no bytes
     */
    void raise(int vcpuId, long sequence, int access, boolean retry);

    /** A vCPU came up and wants its events here; answered by {@link GuestKernel#attached}. */
    void attach(int vcpuId, long callId);

    /**
     * A vCPU made an SDEI call, one of {@link SdeiFunction}; answered by {@link GuestKernel#result} or, when it ends a
     * handler, {@link GuestKernel#resumed}.
     */
    void sdeiCall(int vcpuId, long callId, int function, long... arguments);

    /** A vCPU wrote 0 to its shared area's token, then to its reason. */
    void clearArea(int vcpuId);

    /** A vCPU acknowledged its page-ready interrupt; answered by {@link GuestKernel#result}. */
    void acknowledge(int vcpuId, long callId);

    /**
     * A vCPU made the asynchronous fault's hypercall, one of {@link AsyncPfFunction}; answered by
     * {@link GuestKernel#hypercallReturned}.
     */
    void hypercall(int vcpuId, int function, long argument);
}
