// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.guest;

import io.faultline.model.AsyncPf;
import io.faultline.model.Token;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A vCPU's table of tasks that were told "page not present", by token. A task is entered by the event's handler, before
 * the shared area is cleared, so page-ready can never come first and leave a stale entry. Owned by its vCPU.
 */
final class SleeperTable {
    /** The kernel's {@code SLOTS * 2}: no host may have more works than half of it. */
    static final int CAPACITY = 2 * AsyncPf.WORKS_PER_VCPU;

    private final List<Task> tasks = new ArrayList<>();

    /** Enters a task; false when the table is full, the token taken, or the task asleep already. */
    boolean enter(Task task, int token) {
        if (tasks.size() == CAPACITY || task.isAsleep() || !Token.isIssuable(token) || find(token) != null) {
            return false;
        }
        task.sleepOn(token);
        tasks.add(task);
        return true;
    }

    /** Takes out the task of a token; null when there is none. */
    @Nullable
    Task take(int token) {
        Task task = find(token);
        tasks.remove(task);
        return task;
    }

    /** Takes out some task; null when there is none. */
    @Nullable
    Task takeAny() {
        Iterator<Task> all = tasks.iterator();
        if (!all.hasNext()) {
            return null;
        }
        Task task = all.next();
        all.remove();
        return task;
    }

    int size() {
        return tasks.size();
    }

    private @Nullable Task find(int token) {
        for (Task task : tasks) {
            if (task.token() == token) {
                return task;
            }
        }
        return null;
    }
}
