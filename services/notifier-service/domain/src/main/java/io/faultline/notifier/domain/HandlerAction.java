// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

/** What can happen to an SDEI event's handler: a column of {@link HandlerState}'s table. */
enum HandlerAction {
    REGISTER(0),
    RELEASE(1),
    ENABLE(2),
    DISABLE(3),
    UNREGISTER(4),
    ROUTING_SET(5),
    CONTEXT(6),
    COMPLETE(7),
    COMPLETE_AND_RESUME(8),
    DISPATCH(9);

    private final int column;

    HandlerAction(int column) {
        this.column = column;
    }

    int column() {
        return column;
    }
}
