// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import io.faultline.model.Access;
import io.faultline.model.Privilege;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The kernel's events that tell of a fault, each with the text that its TP_printk prints. In the order of preference: where
 * one fault is told by several events, as on a host that traces all of KVM, the first of these that occurs is taken and the
 * others are passed over, so that nothing counts twice.
 */
enum TracepointEvent {
    /** A process's page fault on x86: arch/x86/include/asm/trace/exceptions.h. */
    PAGE_FAULT_USER(
            "address=0x… ip=0x… error_code=0x…; an address that was printed as a symbol is lost",
            AddressSpace.VIRTUAL,
            "page_fault_user") {
        @Override
        boolean parse(Line line, RecordedFault fault) {
            if (!line.take(ADDRESS_IS) || !line.takeHex()) {
                return false;
            }
            long address = line.value();
            if (!line.skipBlanks() || !line.take(IP_IS) || !line.takeHex()) {
                return false;
            }
            if (!line.skipBlanks() || !line.take(ERROR_CODE_IS) || !line.takeHex()) {
                return false;
            }
            fault.touches(address, line.value());
            return true;
        }
    },

    /**
     * A guest's stage-2 fault on arm64: arch/arm64/kvm/trace_arm.h, before 5.x virt/kvm/arm/trace.h. Older kernels print pc
     * with eight digits, newer ones with sixteen; a proposed change calls hsr esr. The ipa is that of the page, and
     * hxfar, the virtual address, has the place in it, unless the MMU touched the page itself. Exception levels
     * are not printed: an instruction in the upper half of the addresses is taken for the kernel's.
     */
    KVM_GUEST_FAULT(
            "ipa 0x…, hsr 0x…, hxfar 0x…, pc 0x… with an abort's hsr", AddressSpace.GUEST_PHYSICAL, "kvm_guest_fault") {
        @Override
        boolean parse(Line line, RecordedFault fault) {
            if (!field(line, IPA)) {
                return false;
            }
            long ipa = line.value();
            if (!field(line, HSR) && !field(line, ESR)) {
                return false;
            }
            long syndrome = line.value();
            if (!field(line, HXFAR)) {
                return false;
            }
            long inPage = AbortSyndrome.isPageTableWalk(syndrome) ? 0 : line.value() & PAGE_MASK;
            if (!field(line, PC) || !AbortSyndrome.isAbort(syndrome)) {
                return false;
            }
            fault.touches(
                    (ipa & PAGE_MASK) == 0 ? ipa | inPage : ipa,
                    AbortSyndrome.access(syndrome),
                    privilegeOf(line.value()));
            return true;
        }
    },

    /**
     * A guest's fault on x86: arch/x86/kvm/trace.h. Since vcpu and rip were added, rip in the upper half of the addresses
     * is taken for the guest's kernel; before, all is taken for user mode, since no error code of a second stage tells.
     * AMD's is a page fault error code; Intel's is the exit qualification, which has bit 7 and no high bits, and bit 2
     * for a fetch (Intel SDM volume 3, table 28-7; handle_ept_violation in arch/x86/kvm/vmx/vmx.c).
     */
    KVM_PAGE_FAULT("[vcpu N rip 0x…] address … error_code …", AddressSpace.GUEST_PHYSICAL, "kvm_page_fault") {
        @Override
        boolean parse(Line line, RecordedFault fault) {
            Privilege privilege = Privilege.USER;
            if (line.take(VCPU)) {
                if (!line.skipBlanks() || !line.takeDecimal() || !field(line, RIP)) {
                    return false;
                }
                privilege = privilegeOf(line.value());
            }
            if (!field(line, ADDRESS)) {
                return false;
            }
            long address = line.value();
            if (!field(line, ERROR_CODE)) {
                return false;
            }
            long code = line.value();
            boolean isQualification = (code & EPT_LINEAR_VALID) != 0 && code >>> Integer.SIZE == 0;
            boolean isFetch = (code & (isQualification ? EPT_FETCH : X86_FETCH)) != 0;
            fault.touches(address, RecordedFault.x86Access(isFetch, (code & X86_WRITE) != 0), privilege);
            return true;
        }
    },

    /** A fault for which a host tried to go asynchronous, again where its page was on the way: include/trace/events/kvm.h. */
    KVM_TRY_ASYNC_GET_PAGE(
            "gva = 0x…, gfn = 0x…",
            AddressSpace.GUEST_PHYSICAL,
            "kvm_try_async_get_page",
            "kvm_async_pf_doublefault",
            "kvm_async_pf_repeated_fault") {
        @Override
        boolean parse(Line line, RecordedFault fault) {
            if (!line.take(GVA) || !isValue(line)) {
                return false;
            }
            long inPage = line.value() & PAGE_MASK;
            if (!separator(line) || !line.take(GFN) || !isValue(line)) {
                return false;
            }
            fault.touches(line.value() << PAGE_SHIFT | inPage, Access.READ, Privilege.USER);
            return true;
        }
    },

    /** A guest was told that a page is not present: include/trace/events/kvm.h. With two stages gva is a gpa. */
    KVM_ASYNC_PF_NOT_PRESENT("token 0x… gva 0x…", AddressSpace.GUEST_PHYSICAL, "kvm_async_pf_not_present") {
        @Override
        boolean parse(Line line, RecordedFault fault) {
            return parseToken(line, fault);
        }
    },

    /** A page of an asynchronous fault came, seen by the worker that fetched it; older kernels print a pfn too. */
    KVM_ASYNC_PF_COMPLETED("gva 0x… address 0x…", AddressSpace.GUEST_PHYSICAL, "kvm_async_pf_completed") {
        @Override
        boolean parse(Line line, RecordedFault fault) {
            if (!field(line, GVA)) {
                return false;
            }
            long address = line.value();
            if (!field(line, ADDRESS)) {
                return false;
            }
            fault.touches(address, Access.READ, Privilege.USER);
            line.skipBlanks();
            return !line.take(PFN) || (line.skipBlanks() && line.takeHex());
        }
    },

    /** A guest was told that a page is there. */
    KVM_ASYNC_PF_READY("token 0x… gva 0x…", AddressSpace.GUEST_PHYSICAL, "kvm_async_pf_ready") {
        @Override
        boolean parse(Line line, RecordedFault fault) {
            return parseToken(line, fault);
        }
    };

    private static final byte[] ADDRESS_IS = bytes("address=");
    private static final byte[] IP_IS = bytes("ip=");
    private static final byte[] ERROR_CODE_IS = bytes("error_code=");
    private static final byte[] IPA = bytes("ipa");
    private static final byte[] HSR = bytes("hsr");
    private static final byte[] ESR = bytes("esr");
    private static final byte[] HXFAR = bytes("hxfar");
    private static final byte[] PC = bytes("pc");
    private static final byte[] VCPU = bytes("vcpu");
    private static final byte[] RIP = bytes("rip");
    private static final byte[] ADDRESS = bytes("address");
    private static final byte[] ERROR_CODE = bytes("error_code");
    private static final byte[] GVA = bytes("gva");
    private static final byte[] GFN = bytes("gfn");
    private static final byte[] TOKEN = bytes("token");
    private static final byte[] PFN = bytes("pfn");

    private static final int PAGE_SHIFT = 12;
    private static final long PAGE_MASK = (1L << PAGE_SHIFT) - 1;
    private static final long X86_WRITE = 1 << 1;
    private static final long X86_FETCH = 1 << 4;
    private static final long EPT_FETCH = 1 << 2;
    private static final long EPT_LINEAR_VALID = 1 << 7;

    private final String text;
    private final AddressSpace addressSpace;

    @SuppressWarnings("ImmutableEnumChecker") // Never changed.
    private final List<byte[]> names;

    TracepointEvent(String text, AddressSpace addressSpace, String... names) {
        this.text = text;
        this.addressSpace = addressSpace;
        this.names = Arrays.stream(names).map(TracepointEvent::bytes).toList();
    }

    /** Parses what follows the event's name; false when it is not as the kernel prints it. */
    abstract boolean parse(Line line, RecordedFault fault);

    /** The text that is expected. */
    String text() {
        return text;
    }

    AddressSpace addressSpace() {
        return addressSpace;
    }

    /** The event's name, the first one where there are several. */
    String eventName() {
        return new String(names.getFirst(), StandardCharsets.ISO_8859_1);
    }

    /** Whether this is the event of a line whose header was parsed. */
    boolean isEventOf(Line line, TracepointHeader header) {
        for (int i = 0; i < names.size(); i++) {
            byte[] name = names.get(i);
            if (Arrays.equals(line.bytes(), header.eventStart(), header.eventEnd(), name, 0, name.length)) {
                return true;
            }
        }
        return false;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** A word, blanks, a hexadecimal number; a comma between two of these is passed over. */
    private static boolean field(Line line, byte[] name) {
        separator(line);
        return line.take(name) && line.skipBlanks() && line.takeHex();
    }

    private static boolean separator(Line line) {
        line.take(',');
        return line.skipBlanks();
    }

    private static boolean isValue(Line line) {
        return line.skipBlanks() && line.take('=') && line.skipBlanks() && line.takeHex();
    }

    private static boolean parseToken(Line line, RecordedFault fault) {
        if (!field(line, TOKEN) || !field(line, GVA)) {
            return false;
        }
        fault.touches(line.value(), Access.READ, Privilege.USER);
        return true;
    }

    private static Privilege privilegeOf(long instruction) {
        return instruction < 0 ? Privilege.KERNEL : Privilege.USER;
    }
}
