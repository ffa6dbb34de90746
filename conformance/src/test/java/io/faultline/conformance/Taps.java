// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance;

import io.faultline.proto.notifier.v1.GuestCall;
import io.faultline.proto.notifier.v1.HostEvent;
import io.faultline.proto.notifier.v1.NotifyCommand;
import io.faultline.proto.notifier.v1.Verdict;
import io.faultline.proto.pager.v1.PageReplyBatch;
import io.faultline.proto.pager.v1.PageRequestBatch;
import io.faultline.proto.vcpu.v1.ConfigureAsyncPfResponse;
import io.faultline.proto.vcpu.v1.Fault;
import io.faultline.proto.vcpu.v1.Outcome;

/** The taps in front of the three services. All of a service's callers, the other services too, are behind them. */
final class Taps {
    Tap<Fault> faults = Tap.open();
    Tap<Outcome> outcomes = Tap.open();
    Tap<ConfigureAsyncPfResponse> answers = Tap.open();
    Tap<NotifyCommand> commands = Tap.open();
    Tap<Verdict> verdicts = Tap.open();
    Tap<GuestCall> calls = Tap.open();
    Tap<HostEvent> events = Tap.open();
    Tap<PageRequestBatch> requests = Tap.open();
    Tap<PageReplyBatch> replies = Tap.open();
}
