// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.guest;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A simulated guest kernel: tasks on vCPUs, put aside when the host says "page not present" and woken when it says "page
 * ready". A state machine without I/O: inputs are its methods, effects go to {@link GuestHost}, and nothing runs until
 * {@link #run}. One thread.
 */
public final class GuestKernel {
    /** How far apart the vCPUs' shared areas are, in bytes: the kernel's structure is 68 long and 64-byte aligned. */
    public static final int AREA_STRIDE_BYTES = 128;

    /** What a kernel's vCPUs have in common. */
    record Shared(GuestCounters counters, Violations violations, LongSupplier callIds) {}

    private final Map<Integer, GuestVcpu> vcpus = new TreeMap<>();
    private final List<Task> tasks = new ArrayList<>();
    private final List<GuestVcpu> vcpuOfTask = new ArrayList<>();
    private final int[] taskOfAccess;
    private final GuestCounters counters = new GuestCounters();
    private final Violations violations = new Violations();
    private long lastCallId;
    private boolean isStarted;
    private int dueBefore = Integer.MAX_VALUE;

    /**
     * A guest that has not booted.
     *
     * @param vcpuIds its vCPUs
     * @param areaIpa where the first vCPU's shared area is; the others' follow at {@link #AREA_STRIDE_BYTES}
     * @param accessesOfTasks for each task the accesses it carries out, in order; each access, a number from 0, is in one
     *     task only. Tasks go to vCPUs in turn
     */
    public GuestKernel(GuestHost host, int[] vcpuIds, long areaIpa, int[][] accessesOfTasks) {
        if (vcpuIds.length == 0) {
            throw new IllegalArgumentException("vCPUs: none (expected: at least 1)");
        }
        Shared shared = new Shared(counters, violations, () -> ++lastCallId);
        List<GuestVcpu> inOrder = new ArrayList<>();
        for (int i = 0; i < vcpuIds.length; i++) {
            GuestVcpu vcpu = new GuestVcpu(vcpuIds[i], host, shared, areaIpa + (long) i * AREA_STRIDE_BYTES);
            inOrder.add(vcpu);
            vcpus.put(vcpuIds[i], vcpu);
        }
        int accessMax = -1;
        for (int[] accesses : accessesOfTasks) {
            for (int access : accesses) {
                accessMax = Math.max(accessMax, access);
            }
        }
        taskOfAccess = new int[accessMax + 1];
        for (int i = 0; i < accessesOfTasks.length; i++) {
            for (int access : accessesOfTasks[i]) {
                taskOfAccess[access] = i;
            }
            Task task = new Task(i, accessesOfTasks[i].clone());
            GuestVcpu vcpu = inOrder.get(i % inOrder.size());
            tasks.add(task);
            vcpuOfTask.add(vcpu);
            vcpu.add(task);
        }
    }

    /** The access that a fault was raised for. */
    public static int accessOf(long sequence) {
        return (int) sequence;
    }

    /** The task that carries out an access, from 0. */
    public int taskOfAccess(int access) {
        return taskOfAccess[access];
    }

    /**
     * Brings asynchronous faults up on every vCPU; tasks run once all have settled. Also after {@link #detached}: a vCPU that
     * may still be enabled, as far as its host knows, is disabled first.
     */
    public void boot() {
        vcpus.values().forEach(vcpu -> vcpu.boot().begin());
    }

    /** Lets the tasks run without asynchronous faults. */
    public void startSynchronously() {
        start();
    }

    /** To be called after inputs, at the end of a turn: every vCPU carries on as far as it can. */
    public void run() {
        if (!isStarted && vcpus.values().stream().allMatch(vcpu -> vcpu.boot().isSettled())) {
            start();
        }
        for (GuestVcpu vcpu : vcpus.values()) {
            vcpu.run(dueBefore);
        }
    }

    /** From now on a task waits before an access of this number or a higher one, until more are due. */
    public void dueBefore(int access) {
        dueBefore = access;
    }

    /** Whether tasks run. */
    public boolean isStarted() {
        return isStarted;
    }

    /** A fault goes asynchronous: the outcome's intermediate form. */
    public void faultAsync(long sequence, int token) {
        int task = taskOf(sequence);
        if (task >= 0) {
            vcpuOfTask.get(task).faultAsync(tasks.get(task), sequence, token);
        }
    }

    /**
     * A fault ended: mapped, resolved or failed.
     *
     * @param token its token when it was asynchronous, else 0
     * @param isDropped whether its notifications ended before it did
     */
    public void faultEnded(long sequence, int token, boolean isDropped) {
        int task = taskOf(sequence);
        if (task >= 0) {
            vcpuOfTask.get(task).faultEnded(tasks.get(task), sequence, token, isDropped);
        }
    }

    /**
     * The connection to the host's fault plane broke: of the faults in flight no outcome will come. Each task whose fault it
     * was touches its page again, once it is awake; {@link GuestHost#raise} is not told that it is a retry, since nobody
     * knows whether the first one was carried out.
     *
     * @return how many faults were in flight
     */
    public int faultsLost() {
        vcpus.values().forEach(GuestVcpu::faultsLost);
        int count = 0;
        for (int i = 0; i < tasks.size(); i++) {
            count += vcpuOfTask.get(i).faultsLost(tasks.get(i));
        }
        return count;
    }

    /** A hypercall returned. */
    public void hypercallReturned(int vcpuId, long result) {
        GuestVcpu vcpu = vcpu(vcpuId);
        if (vcpu != null) {
            vcpu.boot().hypercallReturned(result);
        }
    }

    /** A vCPU is attached to the host's notifications. */
    public void attached(int vcpuId) {
        GuestVcpu vcpu = vcpu(vcpuId);
        if (vcpu != null) {
            vcpu.boot().attached();
        }
    }

    /** A call returned. */
    public void result(int vcpuId, long callId, long result) {
        GuestVcpu vcpu = vcpu(vcpuId);
        if (vcpu != null) {
            vcpu.result(callId, result);
        }
    }

    /** The page-not-present event was dispatched; reason and token are the shared area's. */
    public void notPresent(int vcpuId, int reason, int token) {
        GuestVcpu vcpu = vcpu(vcpuId);
        if (vcpu != null) {
            vcpu.notPresent(reason, token);
        }
    }

    /** A handler ended and the vCPU goes on. */
    public void resumed(int vcpuId, long callId) {
        GuestVcpu vcpu = vcpu(vcpuId);
        if (vcpu != null) {
            vcpu.resumed(callId);
        }
    }

    /** The page-ready interrupt was raised; reason and token are the shared area's. */
    public void interrupt(int vcpuId, int reason, int token) {
        GuestVcpu vcpu = vcpu(vcpuId);
        if (vcpu != null) {
            vcpu.interrupt(reason, token);
        }
    }

    /** A vCPU is not attached any more: it goes on without asynchronous faults. */
    public void detached(int vcpuId) {
        GuestVcpu vcpu = vcpu(vcpuId);
        if (vcpu != null) {
            vcpu.detached();
        }
    }

    /** No vCPU is attached any more. */
    public void allDetached() {
        vcpus.values().forEach(GuestVcpu::detached);
    }

    /** Has every task finish after one access more at most, which is due now. */
    public void cutShort() {
        dueBefore = Integer.MAX_VALUE;
        tasks.forEach(Task::cutShort);
    }

    /** Whether every task has carried out all its accesses. */
    public boolean isFinished() {
        return counters.tasksFinished() == tasks.size();
    }

    /** Whether some task waits to be woken. */
    public boolean hasSleepers() {
        return tasks.stream().anyMatch(Task::isAsleep);
    }

    /** What happened so far. */
    public GuestCounters counters() {
        return counters;
    }

    /** What the host did against the protocol. */
    public Violations violations() {
        return violations;
    }

    /** Whether asynchronous faults are on for every vCPU. */
    public boolean isAsynchronous() {
        return vcpus.values().stream().allMatch(vcpu -> vcpu.boot().isOn());
    }

    /** Why some vCPU could not have asynchronous faults, in words; null when all could. */
    public @Nullable String bootFailure() {
        for (Map.Entry<Integer, GuestVcpu> vcpu : vcpus.entrySet()) {
            String failure = vcpu.getValue().boot().failure();
            if (!failure.isEmpty()) {
                return "vCPU " + vcpu.getKey() + ": " + failure;
            }
        }
        return null;
    }

    /** The state of every vCPU and every unfinished task, a line each, for a person who wonders what it waits for. */
    public String describe() {
        StringBuilder text = new StringBuilder();
        vcpus.values().forEach(vcpu -> text.append(vcpu.describe()).append('\n'));
        tasks.stream()
                .filter(task -> !task.isFinished())
                .forEach(task -> text.append(task).append('\n'));
        return text.toString();
    }

    private void start() {
        isStarted = true;
        vcpus.values().forEach(GuestVcpu::start);
    }

    private int taskOf(long sequence) {
        int access = accessOf(sequence);
        if (access < 0 || access >= taskOfAccess.length) {
            violations.add("an outcome for fault " + sequence + ", which was never raised");
            return -1;
        }
        return taskOfAccess[access];
    }

    private @Nullable GuestVcpu vcpu(int vcpuId) {
        GuestVcpu vcpu = vcpus.get(vcpuId);
        if (vcpu == null) {
            violations.add("vCPU " + vcpuId + ": an event for a vCPU that the guest does not have");
        }
        return vcpu;
    }
}
