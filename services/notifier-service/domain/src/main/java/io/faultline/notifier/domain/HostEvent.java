// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import io.faultline.model.Token;
import org.jspecify.annotations.Nullable;

/**
 * One thing the host did, on its way to the guest. A reusable carrier: the receiver copies what it needs before it returns.
 * Owned by the loop's thread.
 */
public final class HostEvent {
    private HostEventKind kind = HostEventKind.NONE;
    private int vcpuId;
    private long callId;
    private long result;
    private int event;
    private long argument;
    private long entry;
    private int reason;
    private int token;
    private int interrupt;
    private @Nullable CpuContext context;
    private String detail = "";

    HostEvent() {}

    HostEvent begin(HostEventKind kind, int vcpuId) {
        this.kind = kind;
        this.vcpuId = vcpuId;
        callId = 0;
        result = 0;
        event = 0;
        argument = 0;
        entry = 0;
        reason = 0;
        token = Token.NONE;
        interrupt = 0;
        context = null;
        detail = "";
        return this;
    }

    HostEvent callId(long callId) {
        this.callId = callId;
        return this;
    }

    HostEvent result(long result) {
        this.result = result;
        return this;
    }

    HostEvent handler(SdeiEvent event) {
        this.event = event.number();
        argument = event.argument();
        entry = event.entry();
        return this;
    }

    HostEvent entry(long entry) {
        this.entry = entry;
        return this;
    }

    HostEvent area(SharedArea area) {
        reason = area.reason();
        token = area.token();
        return this;
    }

    HostEvent interrupt(int interrupt) {
        this.interrupt = interrupt;
        return this;
    }

    HostEvent context(@Nullable CpuContext context) {
        this.context = context;
        return this;
    }

    HostEvent detail(String detail) {
        this.detail = detail;
        return this;
    }

    /** What the host did. */
    public HostEventKind kind() {
        return kind;
    }

    /** The vCPU. */
    public int vcpuId() {
        return vcpuId;
    }

    /** The guest's number for the call that this answers, or 0. */
    public long callId() {
        return callId;
    }

    /** The value of x0, when a call returned. */
    public long result() {
        return result;
    }

    /** The number of the event that was dispatched. */
    public int event() {
        return event;
    }

    /** The argument that the handler was registered with. */
    public long argument() {
        return argument;
    }

    /** The handler's entry point, or where the vCPU goes on. */
    public long entry() {
        return entry;
    }

    /** The shared area's reason word. */
    public int reason() {
        return reason;
    }

    /** The shared area's token word. */
    public int token() {
        return token;
    }

    /** The PPI whose level went high. */
    public int interrupt() {
        return interrupt;
    }

    /** The interrupted or restored registers, or null for a guest that keeps none here. */
    public @Nullable CpuContext context() {
        return context;
    }

    /** Why, when detached: a sentence for a person; else empty. */
    public String detail() {
        return detail;
    }
}
