// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.fuzz;

import com.google.protobuf.ByteString;
import io.faultline.proto.vcpu.v1.Access;
import io.faultline.proto.vcpu.v1.AsyncPfHypercall;
import io.faultline.proto.vcpu.v1.ConfigureAsyncPfRequest;
import io.faultline.proto.vcpu.v1.Fault;
import io.faultline.proto.vcpu.v1.FaultBatch;
import io.faultline.proto.vcpu.v1.FaultServiceGrpc;
import io.faultline.proto.vcpu.v1.ImportMemoryBegin;
import io.faultline.proto.vcpu.v1.ImportMemoryRequest;
import io.faultline.proto.vcpu.v1.Memslot;
import io.faultline.proto.vcpu.v1.Privilege;
import io.faultline.proto.vcpu.v1.ReadMemoryRequest;
import io.faultline.proto.vcpu.v1.RegisterVmRequest;
import io.faultline.proto.vcpu.v1.VmServiceGrpc;
import io.faultline.proto.vcpu.v1.VmSpec;
import io.faultline.proto.vcpu.v1.WriteMemoryRequest;
import io.faultline.rpc.Channels;
import io.faultline.rpc.Turn;
import io.faultline.rpc.access.PlainTextCalls;
import io.faultline.telemetry.trace.TraceQueue;
import io.faultline.vcpu.app.grpc.Backoff;
import io.faultline.vcpu.app.grpc.FaultDesk;
import io.faultline.vcpu.app.grpc.FaultEndpoint;
import io.faultline.vcpu.app.grpc.GrpcNotifier;
import io.faultline.vcpu.app.grpc.MemoryCalls;
import io.faultline.vcpu.app.grpc.VcpuMigrations;
import io.faultline.vcpu.app.grpc.VmEndpoint;
import io.faultline.vcpu.app.grpc.VmRegistrations;
import io.faultline.vcpu.app.host.FaultTimers;
import io.faultline.vcpu.app.host.FaultTraces;
import io.faultline.vcpu.app.host.MemoryImports;
import io.faultline.vcpu.app.host.Notifications;
import io.faultline.vcpu.app.host.PageTiers;
import io.faultline.vcpu.app.host.Planes;
import io.faultline.vcpu.app.host.Vms;
import io.faultline.vcpu.app.workingset.WorkingSets;
import io.faultline.vcpu.domain.prefetch.WorkingSetBudget;
import io.grpc.ManagedChannel;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.util.List;

/**
 * vcpu-service's endpoints and domain: VMs registered, configured, read, written, imported, migrated, and their faults, in any
 * order. Above tiers that never answer, without a notifier; each input begins without VMs.
 */
final class VcpuTarget implements FuzzTarget {
    private static final long FRAMES_BYTES = 4 << 20;
    private static final int PAGE = 4096;
    private static final long VM = 1;

    private final LoopRun run = new LoopRun();
    private final ManagedChannel nowhere = Channels.connect(run.loop(), "127.0.0.1:1");

    @Override
    public void read(byte[] bytes) {
        run.run(() -> new Service().run(bytes));
    }

    /** All of a vcpu-service between its endpoints and its peers. */
    private final class Service {
        private final Vms vms = new Vms(FRAMES_BYTES, 4, 64);
        private final Turn turn = new Turn(run.loop());
        private final FaultDesk desk = new FaultDesk(
                vms,
                new FaultTimers(),
                new FaultTraces(0, TraceQueue.off()),
                run.loop()::nowNs,
                new FaultDesk.Limits(4096, 2048));
        private final Planes planes =
                new Planes(desk, silent(PageTiers.class), silent(Notifications.class), step -> {});
        private final MemoryImports imports = new MemoryImports(run.loop(), planes.tiers());
        private final VmRegistrations registrations = new VmRegistrations(
                run.loop(),
                Clock.systemUTC(),
                vms,
                planes,
                new WorkingSets(run.loop(), vms, new WorkingSetBudget(1024, 1), null),
                new VmRegistrations.Settings(0, 32, 4));

        private ServiceCalls calls() {
            GrpcNotifier notifier = new GrpcNotifier(run.loop(), turn, nowhere, vms, new Backoff(1, 1), 5_000_000_000L);
            return new ServiceCalls(
                    PlainTextCalls.context(),
                    new FaultEndpoint(run.loop(), turn, desk, 1024, 4),
                    new VmEndpoint(
                            run.loop(),
                            vms,
                            registrations,
                            new VcpuMigrations(run.loop(), notifier),
                            new MemoryCalls(run.loop(), FRAMES_BYTES),
                            imports));
        }

        void run(byte[] bytes) {
            try {
                calls().run(bytes);
            } finally {
                registrations.unregisterAll(() -> {});
                imports.close();
            }
            if (!vms.all().isEmpty() || vms.framesFreeBytes() != FRAMES_BYTES) {
                throw new IllegalStateException(vms.framesFreeBytes() + " bytes free (expected: " + FRAMES_BYTES + ")");
            }
        }
    }

    /** A plane that takes everything and never answers, but that it has forgotten a VM. */
    private static <T> T silent(Class<T> plane) {
        return plane.cast(Proxy.newProxyInstance(
                plane.getClassLoader(), new Class<?>[] {plane}, (_, method, arguments) -> {
                    if (method.getName().equals("drop")) {
                        ((Runnable) arguments[1]).run();
                    }
                    return method.getReturnType() == boolean.class
                            ? (Object) method.getName().equals("keep")
                            : null;
                }));
    }

    @Override
    public List<byte[]> seeds() {
        ServiceCalls calls = new Service().calls();
        byte[] register = ServiceCalls.entry(
                calls.indexOf(VmServiceGrpc.getRegisterVmMethod()),
                RegisterVmRequest.newBuilder()
                        .setSpec(VmSpec.newBuilder()
                                .setVmId(VM)
                                .addMemslots(Memslot.newBuilder().setPages(64))
                                .addVcpuIds(0)
                                .setResidentPagesMax(16)
                                .setPageSizeBytes(PAGE))
                        .build()
                        .toByteArray());
        byte[] write = ServiceCalls.entry(
                calls.indexOf(VmServiceGrpc.getWriteMemoryMethod()),
                WriteMemoryRequest.newBuilder()
                        .setVmId(VM)
                        .setIpa(PAGE)
                        .setData(ByteString.copyFromUtf8("some bytes"))
                        .build()
                        .toByteArray());
        byte[] read = ServiceCalls.entry(
                calls.indexOf(VmServiceGrpc.getReadMemoryMethod()),
                ReadMemoryRequest.newBuilder()
                        .setVmId(VM)
                        .setIpa(PAGE)
                        .setLengthBytes(8)
                        .build()
                        .toByteArray());
        byte[] enable = ServiceCalls.entry(
                calls.indexOf(VmServiceGrpc.getConfigureAsyncPfMethod()),
                ConfigureAsyncPfRequest.newBuilder()
                        .setVmId(VM)
                        .setHypercall(
                                AsyncPfHypercall.newBuilder().setFunction(4).setArgument2(PAGE | 1))
                        .build()
                        .toByteArray());
        byte[] fault = ServiceCalls.entry(
                calls.indexOf(FaultServiceGrpc.getRaiseMethod()),
                FaultBatch.newBuilder()
                        .addFaults(Fault.newBuilder()
                                .setSequence(1)
                                .setVmId(VM)
                                .setIpa(3 * PAGE)
                                .setAccess(Access.ACCESS_WRITE)
                                .setPrivilege(Privilege.PRIVILEGE_USER)
                                .setLoadBytes(8))
                        .build()
                        .toByteArray());
        int importMemory = calls.indexOf(VmServiceGrpc.getImportMemoryMethod());
        byte[] begin = ServiceCalls.entry(
                importMemory,
                ImportMemoryRequest.newBuilder()
                        .setBegin(ImportMemoryBegin.newBuilder().setVmId(VM).setImageBytes(PAGE))
                        .build()
                        .toByteArray());
        byte[] pages = ServiceCalls.entry(
                importMemory,
                ImportMemoryRequest.newBuilder()
                        .setPages(ByteString.copyFrom(new byte[PAGE]))
                        .build()
                        .toByteArray());
        return List.of(
                ServiceCalls.input(register, write, read, fault, fault),
                ServiceCalls.input(register, enable, fault, read),
                ServiceCalls.input(register, begin, pages));
    }
}
