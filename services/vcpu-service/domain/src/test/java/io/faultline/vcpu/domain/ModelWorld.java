// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.Access;
import io.faultline.model.AuditStep;
import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Privilege;
import io.faultline.model.Resolution;
import io.faultline.model.StepKind;
import io.faultline.model.SyncReason;
import io.faultline.model.Token;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;

/** Connects a VM to {@link ModelPager} and {@link ModelNotifier} and checks what each fault and request comes to. */
final class ModelWorld implements Effects, PageImporter {
    final ModelPager pager;
    final ModelNotifier notifier;
    private final Random random;
    private final Map<Long, FaultModel> faults = new HashMap<>();
    private final Map<Long, HostModel> hostRequests = new HashMap<>();
    private final Set<Long> questions = new HashSet<>();
    private final Map<PageImport, Long> imports = new HashMap<>();
    private final List<Imported> image = new ArrayList<>();
    final Set<ImportRefusal> importRefusals = new HashSet<>();
    private final Map<Integer, Chain> chains = new HashMap<>();
    private long lastRef;
    private long lastStamp;

    /** A fault and what was said about it. */
    private static final class FaultModel {
        final long gfn;
        final boolean write;
        boolean accessed;
        int token;

        FaultModel(long gfn, boolean write) {
            this.gfn = gfn;
            this.write = write;
        }
    }

    /** A host's request and what it writes. */
    private record HostModel(HostAccess access, long content) {}

    /** A page that was handed in to be stored, and its content. */
    private record Imported(PageImport page, long content) {}

    /** What one vCPU's audit chain says. */
    private static final class Chain {
        long sequence;
        boolean closed;
        final Set<Long> open = new HashSet<>();
    }

    ModelWorld(Random random, int frames) {
        this.random = random;
        this.pager = new ModelPager(random, frames);
        this.notifier = new ModelNotifier(random);
    }

    void raise(VirtualMachine vm, int vcpuId, long gfn, long nowNs) {
        boolean write = random.nextInt(3) == 0;
        long ref = ++lastRef;
        faults.put(ref, new FaultModel(gfn, write));
        Objects.requireNonNull(vm.vcpu(vcpuId))
                .raise(
                        ref,
                        gfn << 12,
                        write ? Access.WRITE : Access.READ,
                        random.nextInt(8) == 0 ? Privilege.KERNEL : Privilege.USER,
                        random.nextInt(16) == 0,
                        nowNs);
    }

    void hostAccess(VirtualMachine vm, long gfn, HostAccess access, long nowNs) {
        long requestId = ++lastRef;
        hostRequests.put(requestId, new HostModel(access, stamp()));
        vm.hostAccess(requestId, gfn, access, nowNs);
    }

    /** A page of an image: zeros, like another before it, or like no other. */
    void importPage(VirtualMachine vm, long gfn, long nowNs) {
        boolean replaces = random.nextBoolean();
        Imported same = image.isEmpty() || random.nextBoolean() ? null : image.get(random.nextInt(image.size()));
        long content = same == null ? stamp() : same.content;
        PageImport page = new PageImport(gfn, replaces, Long.hashCode(content), 0, this);
        imports.put(page, content);
        if (content == 0) {
            vm.importZero(page, nowNs);
        } else if (same != null && same.page.version() != 0) {
            pager.share(same.page.gfn(), same.page.version());
            vm.importDuplicate(page, same.page.gfn(), same.page.version(), nowNs);
        } else {
            vm.importPage(page, nowNs);
        }
        if (page.version() != 0) {
            image.add(new Imported(page, content));
        }
    }

    @Override
    public void store(PageImport page) {
        pager.storeImport(page, Objects.requireNonNull(imports.get(page)));
    }

    @Override
    public void imported(PageImport page) {
        pager.imported(page.gfn(), Objects.requireNonNull(imports.remove(page), "an import that ends twice"));
    }

    @Override
    public void notImported(PageImport page, ImportRefusal why) {
        assertThat(imports.remove(page)).isNotNull();
        importRefusals.add(why);
    }

    void configure(Vcpu vcpu, long control, long nowNs) {
        long requestId = ++lastRef;
        questions.add(requestId);
        vcpu.hypercall(requestId, 4, (int) control, 0, nowNs);
    }

    boolean isIdle() {
        return faults.isEmpty() && hostRequests.isEmpty() && questions.isEmpty() && imports.isEmpty();
    }

    void assertChainsClosed() {
        assertThat(chains.values()).allMatch(chain -> chain.closed && chain.open.isEmpty());
    }

    List<Long> openFaults() {
        return new ArrayList<>(faults.keySet());
    }

    /** Mostly unlike any other, sometimes zeros. */
    private long stamp() {
        return random.nextInt(5) == 0 ? 0 : ++lastStamp;
    }

    private FaultModel known(long faultRef) {
        return Objects.requireNonNull(faults.get(faultRef), "a fault without or after its terminal outcome");
    }

    @Override
    public void access(long faultRef, int frame) {
        FaultModel fault = known(faultRef);
        assertThat(fault.accessed).isFalse();
        fault.accessed = true;
        pager.read(fault.gfn, frame);
        if (fault.write) {
            pager.write(fault.gfn, frame, stamp());
        }
    }

    @Override
    public void mapped(long faultRef, PageSource source, SyncReason reason) {
        FaultModel fault = known(faultRef);
        assertThat(fault.accessed).isTrue();
        assertThat(fault.token).isZero();
        faults.remove(faultRef);
    }

    @Override
    public void async(long faultRef, int token) {
        FaultModel fault = known(faultRef);
        assertThat(fault.token).isZero();
        fault.token = token;
    }

    @Override
    public void resolved(long faultRef, int token, PageSource source, Resolution resolution) {
        FaultModel fault = known(faultRef);
        assertThat(fault.accessed).isTrue();
        assertThat(fault.token).isEqualTo(token);
        faults.remove(faultRef);
    }

    @Override
    public void failed(long faultRef, FailReason reason) {
        FaultModel fault = known(faultRef);
        assertThat(fault.accessed && reason != FailReason.VM_GONE).isFalse();
        faults.remove(faultRef);
    }

    @Override
    public void hostPageReady(long requestId, long gfn, int frame) {
        HostModel request = Objects.requireNonNull(hostRequests.remove(requestId));
        if (request.access != HostAccess.OVERWRITE) {
            pager.read(gfn, frame);
        }
        if (request.access != HostAccess.READ) {
            pager.write(gfn, frame, request.content);
        }
    }

    @Override
    public void hostPageFailed(long requestId, long gfn, FailReason reason) {
        assertThat(hostRequests.remove(requestId)).isNotNull();
    }

    @Override
    public void zero(int frame) {
        pager.zero(frame);
    }

    @Override
    public void fetch(int frame, long gfn, long version, int crc, long faultRef) {
        pager.fetch(frame, gfn, version, crc);
    }

    @Override
    public void writeOut(int frame, long gfn, long version) {
        pager.writeOut(frame, gfn, version);
    }

    @Override
    public void discard(long gfn, long version) {
        pager.discard(gfn, version);
    }

    @Override
    public boolean prefetch(long gfn, long version) {
        return pager.prefetch(gfn, version);
    }

    @Override
    public void create(int vcpuId, long epoch, int sdeiEvent, int pageReadyInterrupt) {
        notifier.send("CREATE", vcpuId, epoch, Token.NONE);
    }

    @Override
    public void destroy(int vcpuId, long epoch) {
        notifier.send("DESTROY", vcpuId, epoch, Token.NONE);
    }

    @Override
    public void arm(int vcpuId, long epoch, long control, int sdeiEvent, int pageReadyInterrupt) {
        notifier.send("ARM", vcpuId, epoch, Token.NONE);
    }

    @Override
    public void reset(int vcpuId, long epoch) {
        notifier.send("RESET", vcpuId, epoch, Token.NONE);
    }

    @Override
    public void disarm(int vcpuId, long epoch) {
        notifier.send("DISARM", vcpuId, epoch, Token.NONE);
    }

    @Override
    public void publish(int vcpuId, long epoch, int token, long cause, long faultRef, boolean mayWait) {
        notifier.send(mayWait ? "PUBLISH_OR_WAIT" : "PUBLISH", vcpuId, epoch, token);
    }

    @Override
    public void withdraw(int vcpuId, long epoch, int token) {
        notifier.send("WITHDRAW", vcpuId, epoch, token);
    }

    @Override
    public void complete(int vcpuId, long epoch, int token, long cause, long faultRef) {
        notifier.send("COMPLETE", vcpuId, epoch, token);
    }

    @Override
    public void wakeAll(int vcpuId, long epoch) {
        notifier.send("WAKE_ALL", vcpuId, epoch, Token.WAKE_ALL);
    }

    @Override
    public void registered() {}

    @Override
    public void configured(int vcpuId, long requestId, long result, long value) {
        assertThat(questions.remove(requestId)).isTrue();
    }

    @Override
    public void audit(AuditStep step) {
        Chain chain = chains.computeIfAbsent(step.vcpuId(), id -> new Chain());
        assertThat(step.sequence()).isEqualTo(++chain.sequence);
        assertThat(step.kind() == StepKind.OPENED).isEqualTo(step.sequence() == 1);
        assertThat(chain.closed).isFalse();
        switch (step.kind()) {
            case RAISED -> chain.open.add(step.sequence());
            case MAPPED, RESOLVED, FAILED ->
                assertThat(chain.open.remove(step.cause())).isTrue();
            case PUBLISHED, REFUSED, INSTALLED, FETCH_FAILED ->
                assertThat(chain.open).contains(step.cause());
            case CLOSED -> chain.closed = true;
            default -> {}
        }
    }
}
