// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.model.Access;
import io.faultline.model.Privilege;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TracepointFormatTest {
    private static final String FTRACE = "       CPU 0/KVM-2851    [003] d....  1234.567890: ";
    private static final String GUEST_FAULT =
            "kvm_guest_fault: ipa 0x4a3c1000, hsr 0x92000007, hxfar 0xffff9c3d1010, pc 0x00aaaad1234567";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path directory;

    @ParameterizedTest
    @CsvSource({
        "0x92000007, READ, 0x24, 0x07, false",
        "0x92000047, WRITE, 0x24, 0x07, false",
        "0x92000087, WRITE, 0x24, 0x07, true",
        "0x82000006, EXECUTE, 0x20, 0x06, false"
    })
    @Tag("L1")
    void aGuestFaultOfArm64(String hsr, Access access, String exceptionClass, String status, boolean isWalk)
            throws IOException {
        Traces.Fault fault = one(FTRACE + GUEST_FAULT.replace("0x92000007", hsr));

        assertThat(fault.address() >>> 12).isEqualTo(0x4a3c1);
        assertThat(fault.access()).isEqualTo(access);
        assertThat(fault.threadId()).isEqualTo(2851);
        assertThat(fault.comm()).isEqualTo("CPU 0/KVM");
        long syndrome = Long.decode(hsr);
        assertThat(AbortSyndrome.exceptionClass(syndrome)).isEqualTo(Integer.decode(exceptionClass));
        assertThat(AbortSyndrome.faultStatus(syndrome)).isEqualTo(Integer.decode(status));
        assertThat(AbortSyndrome.isPageTableWalk(syndrome)).isEqualTo(isWalk);
    }

    @Test
    void theVirtualAddressSaysWhereInThePageUnlessTheMmuWalked() throws IOException {
        assertThat(one(FTRACE + GUEST_FAULT).address()).isEqualTo(0x4a3c1010L);
        assertThat(one(FTRACE + GUEST_FAULT.replace("0x92000007", "0x92000087")).address())
                .isEqualTo(0x4a3c1000L);
    }

    @ParameterizedTest
    @CsvSource({
        "0x00aaaad1234567, USER", // As a kernel since 5.16 prints it.
        "0x802c21c8, USER", // As older ones do.
        "0xffff800010a1b2c4, KERNEL"
    })
    @Tag("L1")
    void theInstructionsHalfOfTheAddressesIsThePrivilege(String pc, Privilege privilege) throws IOException {
        Traces.Fault fault = one(FTRACE + GUEST_FAULT.replace("0x00aaaad1234567", pc));

        assertThat(fault.privilege()).isEqualTo(privilege);
    }

    @Test
    void aSyndromeThatIsNoAbortIsABadLine() throws IOException {
        Path file = Traces.write(directory, FTRACE + GUEST_FAULT.replace("0x92000007", "0x56000000"));

        assertThatThrownBy(() -> Traces.read(file, false))
                .hasMessageContaining("line 1")
                .hasMessageContaining("an abort's hsr");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "vcpu 0 rip 0x7f1234560100 address 0x00000000fee00010 error_code 0x182 | fee00010 | WRITE | USER",
                "vcpu 1 rip 0xffffffff81234567 address 0x000000012a3c1000 error_code 0x184 | 12a3c1000 | EXECUTE | KERNEL",
                "vcpu 1 rip 0x401000 address 0x000000012a3c1000 error_code 0x200000006 | 12a3c1000 | WRITE | USER",
                "vcpu 1 rip 0x401000 address 0x000000012a3c1000 error_code 0x100000014 | 12a3c1000 | EXECUTE | USER",
                "vcpu 0 rip 0x401000 address 0xfee00010 error_code 181 | fee00010 | READ | USER",
                "address febd0000 error_code 181 | febd0000 | READ | USER",
                "address 7fc036d000 error_code 582 | 7fc036d000 | WRITE | USER",
                "address fffffff0 error_code 784 | fffffff0 | EXECUTE | USER",
                "address 12a3c1000 error_code 6 | 12a3c1000 | WRITE | USER"
            })
    @Tag("L3")
    void aGuestFaultOfX86NewAndOld(String text, String address, Access access, Privilege privilege) throws IOException {
        Traces.Fault fault = one(FTRACE + "kvm_page_fault: " + text);

        assertThat(fault.address()).isEqualTo(Long.parseLong(address, 16));
        assertThat(fault.access()).isEqualTo(access);
        assertThat(fault.privilege()).isEqualTo(privilege);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kvm_try_async_get_page: gva = 0x4a3c1010, gfn = 0x4a3c1 | 4a3c1010",
                "kvm_try_async_get_page: gva = 0x7f00004a3c1010, gfn = 0x99 | 99010",
                "kvm_async_pf_doublefault: gva = 0x4a3c1000, gfn = 0x4a3c1 | 4a3c1000",
                "kvm_async_pf_repeated_fault: gva = 0x4a3c1000, gfn = 0x4a3c1 | 4a3c1000",
                "kvm_async_pf_not_present: token 0x3005 gva 0x4a3c1000 | 4a3c1000",
                "kvm_async_pf_ready: token 0x3005 gva 0x4a3c1000 | 4a3c1000",
                "kvm_async_pf_completed: gva 0x4a3c1000 address 0x7f3916ce8000 | 4a3c1000",
                "kvm_async_pf_completed: gva 0x4a3c1000 address 0x7f3916ce8000 pfn 0x1234 | 4a3c1000",
                "kvm_async_pf_completed: gva 0 address 0x7f3916ce8000 pfn 0 | 0"
            })
    @Tag("L4")
    void aStepOfAnAsynchronousFault(String text, String address) throws IOException {
        Traces.Fault fault = one(FTRACE + text);

        assertThat(fault.address()).isEqualTo(Long.parseLong(address, 16));
        assertThat(fault.access()).isEqualTo(Access.READ);
        assertThat(fault.privilege()).isEqualTo(Privilege.USER);
    }

    @Test
    void aFaultThatSeveralEventsTellOfCountsOnce() throws IOException {
        Path file = Traces.write(
                directory,
                FTRACE + "kvm_async_pf_ready: token 0x2000 gva 0x1000",
                FTRACE + "kvm_try_async_get_page: gva = 0x4a3c1010, gfn = 0x4a3c1",
                FTRACE + "kvm_async_pf_not_present: token 0x3000 gva 0x4a3c1010",
                FTRACE + "kvm_page_fault: vcpu 0 rip 0x401000 address 0x000000004a3c1010 error_code 0x181",
                FTRACE + "kvm_exit: reason EPT_VIOLATION rip 0x401000 info1 0x181");

        try (TraceReader reader = TraceReader.open(file, false)) {
            assertThat(reader.description()).isEqualTo("kvm_page_fault events");
            assertThat(reader.addressSpace()).isEqualTo(AddressSpace.GUEST_PHYSICAL);
            assertThat(reader.next()).isNotNull();
            assertThat(reader.next()).isNull();
            assertThat(reader.otherEvents()).isEqualTo(4);
        }
    }

    @Test
    void anEventThatComesLateIsFound() throws IOException {
        String[] lines = new String[2_000];
        Arrays.fill(lines, FTRACE + "sched_switch: prev_comm=a prev_pid=1 ==> next_comm=b next_pid=2");
        lines[1_999] = FTRACE + GUEST_FAULT;

        assertThat(Traces.read(Traces.write(directory, lines), false)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // ftrace
                "       CPU 0/KVM-2851    [003] d....  1234.567890: kvm_page_fault: address febd0000 error_code 181",
                "       CPU 0/KVM-2851    (   2843) [003] d....  1234.567890: kvm_page_fault: address febd0000 error_code 181",
                // trace-cmd report, without flags and with
                "       CPU 0/KVM-2851  [003]  1234.567890: kvm_page_fault:       address febd0000 error_code 181",
                "       CPU 0/KVM-2851  [003] d....  1234.567890: kvm_page_fault:       address febd0000 error_code 181",
                "       CPU 0/KVM-2851  [003] 1234.567890000: kvm_page_fault:       address febd0000 error_code 181",
                // perf script, with the process, with the period
                "       CPU 0/KVM  2851 [003]  1234.567890: kvm:kvm_page_fault: address febd0000 error_code 181",
                "CPU 0/KVM  2851 [003]  1234.567890:     kvm:kvm_page_fault: address febd0000 error_code 181",
                "       CPU 0/KVM  2843/2851  [003]  1234.567890: kvm:kvm_page_fault: address febd0000 error_code 181",
                "       CPU 0/KVM  2851 [003]  1234.567890000:          1 kvm:kvm_page_fault: address febd0000 error_code 181"
            })
    @Tag("L3")
    void theSameEventAsEachProgramPrintsIt(String line) throws IOException {
        assertThat(one(line))
                .isEqualTo(new Traces.Fault(
                        1_234_567_890_000L, 2851, "CPU 0/KVM", 0xfebd0000L, Access.READ, Privilege.USER));
    }

    @Test
    void aClockThatCountsSomethingElseIsTakenForNanoseconds() throws IOException {
        Traces.Fault fault =
                one("  qemu-1 [003] d.... 123456789012345: kvm_page_fault: address febd0000 error_code 181");

        assertThat(fault.timeNs()).isEqualTo(123_456_789_012_345L);
    }

    @Test
    void whatTraceCmdSaysBesidesIsNoFault() throws IOException {
        Path file = Traces.write(
                directory,
                "version = 6",
                "CPU 1 is empty",
                "cpus=2",
                "CPU:0 [204600 EVENTS DROPPED]",
                "CPU:0 [EVENTS DROPPED]",
                " qemu-system-x86-23579 [005] 22018.775585: kvm_page_fault:       address febd0000 error_code 181");

        try (TraceReader reader = TraceReader.open(file, false)) {
            assertThat(reader.next())
                    .isNotNull()
                    .extracting(RecordedFault::comm)
                    .isEqualTo("qemu-system-x86");
            assertThat(reader.next()).isNull();
            assertThat(reader.lostEventsMarks()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kvm_page_fault: vcpu 0 rip 0x401000 address",
                "kvm_page_fault: address febd0000 error_code 181 and more",
                "kvm_page_fault: address febd0000g error_code 181",
                "kvm_page_fault:"
            })
    void anEventThatIsNotAsTheKernelPrintsItIsABadLine(String text) throws IOException {
        Path file = Traces.write(directory, FTRACE + text);

        assertThatThrownBy(() -> Traces.read(file, false))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining(", line 1: ")
                .hasMessageContaining("address … error_code … after \"kvm_page_fault:\"");
    }

    private Traces.Fault one(String line) throws IOException {
        List<Traces.Fault> faults = Traces.read(Traces.write(directory, line), false);
        assertThat(faults).hasSize(1);
        return faults.getFirst();
    }
}
