// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import com.google.rpc.BadRequest.FieldViolation;
import io.faultline.proto.vcpu.v1.ConfigureAsyncPfRequest;
import io.faultline.proto.vcpu.v1.ConfigureAsyncPfResponse;
import io.faultline.proto.vcpu.v1.ExportVcpuStateRequest;
import io.faultline.proto.vcpu.v1.ExportVcpuStateResponse;
import io.faultline.proto.vcpu.v1.GetVmRequest;
import io.faultline.proto.vcpu.v1.GetVmResponse;
import io.faultline.proto.vcpu.v1.ImportMemoryRequest;
import io.faultline.proto.vcpu.v1.ImportMemoryResponse;
import io.faultline.proto.vcpu.v1.ImportVcpuStateRequest;
import io.faultline.proto.vcpu.v1.ImportVcpuStateResponse;
import io.faultline.proto.vcpu.v1.ListVmsRequest;
import io.faultline.proto.vcpu.v1.ListVmsResponse;
import io.faultline.proto.vcpu.v1.ReadMemoryRequest;
import io.faultline.proto.vcpu.v1.ReadMemoryResponse;
import io.faultline.proto.vcpu.v1.RegisterVmRequest;
import io.faultline.proto.vcpu.v1.RegisterVmResponse;
import io.faultline.proto.vcpu.v1.ResetVcpuRequest;
import io.faultline.proto.vcpu.v1.ResetVcpuResponse;
import io.faultline.proto.vcpu.v1.SetMemslotRequest;
import io.faultline.proto.vcpu.v1.SetMemslotResponse;
import io.faultline.proto.vcpu.v1.UnregisterVmRequest;
import io.faultline.proto.vcpu.v1.UnregisterVmResponse;
import io.faultline.proto.vcpu.v1.VmServiceGrpc;
import io.faultline.proto.vcpu.v1.WriteMemoryRequest;
import io.faultline.proto.vcpu.v1.WriteMemoryResponse;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.Statuses;
import io.faultline.rpc.access.Caller;
import io.faultline.vcpu.app.host.HostedVm;
import io.faultline.vcpu.app.host.MemoryImports;
import io.faultline.vcpu.app.host.Vms;
import io.faultline.vcpu.domain.Vcpu;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Comparator;
import java.util.List;

/** {@code VmService}: what VMs' owners ask for. Loop thread only. */
public final class VmEndpoint extends VmServiceGrpc.VmServiceImplBase {
    private static final int LIST_DEFAULT = 100;
    private static final int LIST_MAX = 1_000;

    private final ServiceLoop loop;
    private final Vms vms;
    private final VmRegistrations registrations;
    private final VcpuMigrations migrations;
    private final MemoryCalls memory;
    private final MemoryImports imports;

    /** An endpoint for these VMs. */
    public VmEndpoint(
            ServiceLoop loop,
            Vms vms,
            VmRegistrations registrations,
            VcpuMigrations migrations,
            MemoryCalls memory,
            MemoryImports imports) {
        this.loop = loop;
        this.vms = vms;
        this.registrations = registrations;
        this.migrations = migrations;
        this.memory = memory;
        this.imports = imports;
    }

    @Override
    public void registerVm(RegisterVmRequest request, StreamObserver<RegisterVmResponse> answer) {
        Call<RegisterVmResponse> call = new Call<>(answer);
        call.run(() -> registrations.register(request.getSpec(), Caller.current(), call));
    }

    @Override
    public void unregisterVm(UnregisterVmRequest request, StreamObserver<UnregisterVmResponse> answer) {
        Call<UnregisterVmResponse> call = new Call<>(answer);
        call.run(() -> registrations.unregister(vm(request.getVmId()), call));
    }

    @Override
    public void getVm(GetVmRequest request, StreamObserver<GetVmResponse> answer) {
        Call<GetVmResponse> call = new Call<>(answer);
        call.run(() -> call.answer(GetVmResponse.newBuilder()
                .setVm(VmMessages.vm(vm(request.getVmId())))
                .build()));
    }

    @Override
    public void listVms(ListVmsRequest request, StreamObserver<ListVmsResponse> answer) {
        Call<ListVmsResponse> call = new Call<>(answer);
        call.run(() -> call.answer(list(request)));
    }

    @Override
    public void setMemslot(SetMemslotRequest request, StreamObserver<SetMemslotResponse> answer) {
        Call<SetMemslotResponse> call = new Call<>(answer);
        call.run(() -> {
            HostedVm vm = vm(request.getVmId());
            List<FieldViolation> violations =
                    VmSpecCheck.ofMemslot(request.getMemslot(), vm.spec().pageSize());
            if (!violations.isEmpty()) {
                throw Statuses.invalid(violations);
            }
            try {
                vm.machine().setMemslot(VmMessages.memslot(request.getMemslot()), loop.nowNs());
            } catch (IllegalArgumentException e) {
                throw Statuses.invalid("memslot", String.valueOf(e.getMessage()));
            }
            call.answer(SetMemslotResponse.getDefaultInstance());
        });
    }

    @Override
    public void configureAsyncPf(ConfigureAsyncPfRequest request, StreamObserver<ConfigureAsyncPfResponse> answer) {
        Call<ConfigureAsyncPfResponse> call = new Call<>(answer);
        call.run(() -> configure(request, call));
    }

    @Override
    public void resetVcpu(ResetVcpuRequest request, StreamObserver<ResetVcpuResponse> answer) {
        Call<ResetVcpuResponse> call = new Call<>(answer);
        call.run(() -> {
            vcpu(vm(request.getVmId()), request.getVcpuId()).reset(loop.nowNs());
            call.answer(ResetVcpuResponse.getDefaultInstance());
        });
    }

    @Override
    public void readMemory(ReadMemoryRequest request, StreamObserver<ReadMemoryResponse> answer) {
        Call<ReadMemoryResponse> call = new Call<>(answer);
        call.run(() -> memory.read(vm(request.getVmId()), request, call));
    }

    @Override
    public void writeMemory(WriteMemoryRequest request, StreamObserver<WriteMemoryResponse> answer) {
        Call<WriteMemoryResponse> call = new Call<>(answer);
        call.run(() -> memory.write(vm(request.getVmId()), request, call));
    }

    @Override
    public StreamObserver<ImportMemoryRequest> importMemory(StreamObserver<ImportMemoryResponse> answer) {
        Caller caller = Caller.current();
        return new ImportCall(
                vmId -> vm(caller, vmId), imports, (ServerCallStreamObserver<ImportMemoryResponse>) answer);
    }

    @Override
    public void exportVcpuState(ExportVcpuStateRequest request, StreamObserver<ExportVcpuStateResponse> answer) {
        Call<ExportVcpuStateResponse> call = new Call<>(answer);
        call.run(() -> {
            HostedVm vm = vm(request.getVmId());
            migrations.exportState(vm, vcpu(vm, request.getVcpuId()), call);
        });
    }

    @Override
    public void importVcpuState(ImportVcpuStateRequest request, StreamObserver<ImportVcpuStateResponse> answer) {
        Call<ImportVcpuStateResponse> call = new Call<>(answer);
        call.run(() -> {
            HostedVm vm = vm(request.getVmId());
            migrations.importState(vm, vcpu(vm, request.getVcpuId()), request.getState(), call);
        });
    }

    private HostedVm vm(long vmId) {
        return vm(Caller.current(), vmId);
    }

    private HostedVm vm(Caller caller, long vmId) {
        HostedVm vm = vms.find(vmId);
        if (vm == null) {
            throw Statuses.notFound("vm_id: " + Long.toUnsignedString(vmId) + " (expected: a VM registered here)");
        }
        caller.requireOwns(vm.registrant(), vmId);
        return vm;
    }

    private static Vcpu vcpu(HostedVm vm, int vcpuId) {
        Vcpu vcpu = vm.machine().vcpu(vcpuId);
        if (vcpu == null) {
            throw Statuses.notFound("vcpu_id: " + Integer.toUnsignedString(vcpuId) + " (expected: one of the "
                    + vm.spec().vcpuIds().size() + " vCPUs of VM " + vm.id() + ")");
        }
        return vcpu;
    }

    private ListVmsResponse list(ListVmsRequest request) {
        int asked = request.getPageSize();
        if (asked < 0 || asked > LIST_MAX) {
            throw Statuses.invalid("page_size", Integer.toUnsignedString(asked) + " (expected: 0 to " + LIST_MAX + ")");
        }
        int limit = asked == 0 ? LIST_DEFAULT : asked;
        Caller caller = Caller.current();
        long after = pageToken(request.getPageToken());
        List<HostedVm> page = vms.all().stream()
                .filter(vm -> vm.id() > after && caller.owns(vm.registrant()))
                .sorted(Comparator.comparingLong(HostedVm::id))
                .limit(limit + 1L)
                .toList();
        ListVmsResponse.Builder response = ListVmsResponse.newBuilder();
        page.stream().limit(limit).map(VmMessages::vm).forEach(response::addVms);
        if (page.size() > limit) {
            response.setNextPageToken(Long.toString(page.get(limit - 1).id()));
        }
        return response.build();
    }

    private static long pageToken(String token) {
        try {
            return token.isEmpty() ? 0 : Long.parseUnsignedLong(token);
        } catch (NumberFormatException e) {
            throw Statuses.invalid("page_token", token.length() + " characters (expected: what the last answer held)");
        }
    }

    private void configure(ConfigureAsyncPfRequest request, Call<ConfigureAsyncPfResponse> call) {
        HostedVm vm = vm(request.getVmId());
        Vcpu vcpu = vcpu(vm, request.getVcpuId());
        HostedVm.ConfigureAnswer answer = (result, value) -> call.answer(ConfigureAsyncPfResponse.newBuilder()
                .setResult(result)
                .setValue(value)
                .build());
        switch (request.getCommandCase()) {
            case HYPERCALL ->
                vm.hypercall(
                        vcpu,
                        request.getHypercall().getFunction(),
                        request.getHypercall().getArgument2(),
                        request.getHypercall().getArgument3(),
                        answer,
                        loop.nowNs());
            case IOCTL ->
                vm.ioctl(
                        vcpu,
                        request.getIoctl().getCommand(),
                        request.getIoctl().getValue(),
                        answer,
                        loop.nowNs());
            case COMMAND_NOT_SET -> throw Statuses.invalid("command", "none (expected: hypercall or ioctl)");
        }
    }
}
