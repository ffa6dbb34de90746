// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import com.google.rpc.BadRequest.FieldViolation;
import io.faultline.proto.vcpu.v1.RegisterVmResponse;
import io.faultline.proto.vcpu.v1.UnregisterVmResponse;
import io.faultline.proto.vcpu.v1.VmCounters;
import io.faultline.proto.vcpu.v1.VmSpec;
import io.faultline.rpc.Client;
import io.faultline.rpc.ClientLimit;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.Statuses;
import io.faultline.rpc.access.Caller;
import io.faultline.vcpu.app.host.HostedVm;
import io.faultline.vcpu.app.host.Planes;
import io.faultline.vcpu.app.host.Vms;
import io.faultline.vcpu.app.workingset.WorkingSets;
import io.faultline.vcpu.domain.MachineSpec;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Begins and ends VMs: checks the spec and the bounds, waits a bounded time for what the other planes have to say, and
 * answers. Loop thread only.
 */
public final class VmRegistrations {
    private final ServiceLoop loop;
    private final Clock clock;
    private final Vms vms;
    private final Planes planes;
    private final WorkingSets workingSets;
    private final Settings settings;
    private final Map<HostedVm, Client> clients = new HashMap<>();
    private long lastRegisteredUnixUs;

    /** Registrations into {@code vms}. */
    public VmRegistrations(
            ServiceLoop loop, Clock clock, Vms vms, Planes planes, WorkingSets workingSets, Settings settings) {
        this.loop = loop;
        this.clock = clock;
        this.vms = vms;
        this.planes = planes;
        this.workingSets = workingSets;
        this.settings = settings;
    }

    void register(VmSpec spec, Caller registrant, Call<RegisterVmResponse> call) {
        List<FieldViolation> violations = VmSpecCheck.of(spec);
        if (!violations.isEmpty()) {
            throw Statuses.invalid(violations);
        }
        MachineSpec machineSpec = VmMessages.spec(spec, settings.prefetchPagesDefault(), registeredUnixUs());
        Client client = Client.current();
        requireRoom(machineSpec, client);
        Runnable answer = () -> loop.execute(() -> answer(machineSpec, call));
        try {
            HostedVm vm = vms.register(machineSpec, registrant, planes, answer, loop.nowNs());
            client.hold(ClientLimit.VMS);
            clients.put(vm, client);
            vm.setTierQuota(VmMessages.tierQuota(spec));
            planes.tiers().begin(vm);
            workingSets.begun(vm);
        } catch (IllegalArgumentException e) {
            throw Statuses.invalid("spec", String.valueOf(e.getMessage()));
        }
        loop.executeAfter(answer, settings.peerWaitNs());
    }

    void unregister(HostedVm vm, Call<UnregisterVmResponse> call) {
        end(vm);
        VmCounters counters = VmMessages.counters(vm.machine());
        Runnable answer = () -> call.answer(
                UnregisterVmResponse.newBuilder().setCounters(counters).build());
        planes.tiers().drop(vm, answer);
        loop.executeAfter(answer, settings.peerWaitNs());
    }

    /** Ends every VM, as its owner would; {@code ended} runs once the page plane has forgotten them all. */
    public void unregisterAll(Runnable ended) {
        List<HostedVm> all = List.copyOf(vms.all());
        int[] left = {all.size() + 1};
        Runnable one = () -> {
            if (--left[0] == 0) {
                ended.run();
            }
        };
        for (HostedVm vm : all) {
            end(vm);
            planes.tiers().drop(vm, one);
        }
        one.run();
    }

    private void end(HostedVm vm) {
        workingSets.ends(vm);
        vms.unregister(vm, loop.nowNs());
        Client client = clients.remove(vm);
        if (client != null) {
            client.release(ClientLimit.VMS);
        }
    }

    private void answer(MachineSpec spec, Call<RegisterVmResponse> call) {
        HostedVm vm = vms.find(spec.vmId());
        if (vm == null || vm.spec().registeredUnixUs() != spec.registeredUnixUs()) {
            call.fail(Statuses.notFound("vm_id: " + spec.vmId() + " was unregistered meanwhile"));
        } else {
            call.answer(RegisterVmResponse.newBuilder().setVm(VmMessages.vm(vm)).build());
        }
    }

    private void requireRoomOfClient(Client client) {
        int owned = client.held(ClientLimit.VMS);
        if (owned >= settings.clientVmsMax()) {
            client.refused(ClientLimit.VMS);
            throw Statuses.resourceExhausted("VMs of client " + client.name() + ": " + owned
                    + " are registered (expected: < " + settings.clientVmsMax() + ", faultline.vcpu.client-vms-max)");
        }
    }

    private void requireRoom(MachineSpec spec, Client client) {
        if (vms.find(spec.vmId()) != null) {
            throw Statuses.alreadyExists("vm_id: " + spec.vmId() + " is registered (expected: an id not in use)");
        }
        if (vms.all().size() >= vms.vmsMax()) {
            throw Statuses.resourceExhausted(
                    "VMs: " + vms.all().size() + " are registered (expected: at most " + vms.vmsMax() + ")");
        }
        requireRoomOfClient(client);
        if (spec.vcpuIds().size() > vms.vcpusFree()) {
            throw Statuses.resourceExhausted("vcpu_ids: " + spec.vcpuIds().size() + " vCPUs (expected: at most "
                    + vms.vcpusFree() + ", what is left of " + vms.vcpusMax() + ")");
        }
        long bytes = (long) spec.residentPagesMax() << spec.pageSize().shift();
        if (bytes > vms.framesFreeBytes()) {
            throw Statuses.resourceExhausted("resident_pages_max: " + spec.residentPagesMax() + " pages take " + bytes
                    + " bytes (expected: at most " + vms.framesFreeBytes() + " bytes, what is left of "
                    + vms.framesMaxBytes() + ")");
        }
        if (!planes.tiers().keep(spec.vmId())) {
            throw Statuses.unavailable("vm_id: " + spec.vmId()
                    + " was unregistered just now, its pages are still being dropped (expected: another try later)");
        }
    }

    /* The base of page versions: a VM of an id used before must not begin where that one was. */
    private long registeredUnixUs() {
        long nowUs = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
        lastRegisteredUnixUs = Math.max(nowUs, lastRegisteredUnixUs + 1);
        return lastRegisteredUnixUs;
    }

    /**
     * What VMs are registered with.
     *
     * @param peerWaitNs how long other planes are waited for at most
     * @param prefetchPagesDefault what a spec that does not say has as its {@code prefetch_pages_max}
     * @param clientVmsMax how many VMs one client may have registered
     */
    public record Settings(long peerWaitNs, int prefetchPagesDefault, int clientVmsMax) {}
}
