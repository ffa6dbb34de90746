// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.model.Access;
import io.faultline.model.Privilege;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The formats that are not events of a kernel: CSV, fltrace, lackey, oracleGeneral. */
class TableFormatsTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path directory;

    @Test
    void aTableWithEveryColumn() throws IOException {
        Path file = Traces.write(
                directory,
                "# my own",
                "time_us,thread,comm,address,access,privilege,remark",
                "1.5,7,\"a,b\",0x7f00001010,write,kernel,\"x, y\"",
                "2,8,c,4096,r,user,",
                "",
                " 3 , 9 , d , 0x2000 , execute , user , z");

        assertThat(Traces.read(file, false))
                .containsExactly(
                        new Traces.Fault(1_500, 7, "a,b", 0x7f00001010L, Access.WRITE, Privilege.KERNEL),
                        new Traces.Fault(2_000, 8, "c", 4096, Access.READ, Privilege.USER),
                        new Traces.Fault(3_000, 9, "d ", 0x2000, Access.EXECUTE, Privilege.USER));
    }

    @Test
    void aTableOfAddressesAlone() throws IOException {
        Path file = Traces.write(directory, "address", "0x1000", "8192");

        try (TraceReader reader = TraceReader.open(file, false)) {
            assertThat(reader.hasTimes()).isFalse();
            assertThat(reader.addressSpace()).isEqualTo(AddressSpace.VIRTUAL);
        }
        assertThat(Traces.read(file, false))
                .containsExactly(
                        new Traces.Fault(0, 0, "", 0x1000, Access.READ, Privilege.USER),
                        new Traces.Fault(0, 0, "", 0x2000, Access.READ, Privilege.USER));
    }

    @Test
    void frameNumbersOfAGuest() throws IOException {
        Path file = Traces.write(directory, "time_s,gfn", "0.25,0x4a3c1");

        try (TraceReader reader = TraceReader.open(file, false)) {
            assertThat(reader.addressSpace()).isEqualTo(AddressSpace.GUEST_PHYSICAL);
        }
        assertThat(Traces.read(file, false))
                .containsExactly(new Traces.Fault(250_000_000, 0, "", 0x4a3c1000L, Access.READ, Privilege.USER));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1,0x1000,jump", "x,0x1000,r", "1,0x1000", "1,0x1000,r,2", "1,page,r", "1,\"0x1000,r"})
    void aMalformedRowIsNamed(String row) throws IOException {
        Path file = Traces.write(directory, "time_ns,address,access", "1,0x1000,r", row);

        assertThatThrownBy(() -> Traces.read(file, false))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining(", line 3: ")
                .hasMessageContaining(row)
                .hasMessageContaining("(expected: ");
        assertThat(Traces.read(file, true)).hasSize(1);
    }

    @Test
    void aTableWithTwoColumnsThatSayWhereIsNone() throws IOException {
        Path file = Traces.write(directory, "address,gfn", "1,1");

        assertThatThrownBy(() -> Traces.read(file, false)).hasMessageContaining("no format that is known");
    }

    @Test
    void fltraceAsItsSamplerPrintsIt() throws IOException {
        Path file = Traces.write(
                directory,
                "tstamp,ip,addr,pages,flags,tid,trace",
                "1700000000.250000,5619975e4975,7fbf738f7000,1,0,77,0x5619975e4975|0x5619975e0000|",
                "1700000000.500000,5619975e4975,7fbf738f9000,3,1,78,0x5619975e4975|",
                "1700000000.750000,0,7fbf738f7000,1,2,77,");

        assertThat(Traces.read(file, false))
                .containsExactly(
                        fltrace(250_000_000, 77, 0x7fbf738f7000L, Access.READ),
                        fltrace(500_000_000, 78, 0x7fbf738f9000L, Access.WRITE),
                        fltrace(500_000_000, 78, 0x7fbf738fa000L, Access.WRITE),
                        fltrace(500_000_000, 78, 0x7fbf738fb000L, Access.WRITE),
                        fltrace(750_000_000, 77, 0x7fbf738f7000L, Access.WRITE));
    }

    private static Traces.Fault fltrace(long ns, int thread, long address, Access access) {
        return new Traces.Fault(1_700_000_000_000_000_000L + ns, thread, "", address, access, Privilege.USER);
    }

    @Test
    void lackeyAsValgrind319PrintsIt() throws IOException {
        Path file = Traces.write(
                directory,
                "==13221== Lackey, an example Valgrind tool",
                "==13221== Command: /bin/true",
                "==13221== ",
                "I  0401ab70,3",
                " S 1fff000688,8",
                " L 1fff000680,8",
                " M 04a3c1ff,4",
                "SB 0401ab70",
                "==13221== Exit code:       0");

        assertThat(Traces.read(file, false))
                .containsExactly(
                        lackey(0x0401ab70L, Access.EXECUTE),
                        lackey(0x1fff000688L, Access.WRITE),
                        lackey(0x1fff000680L, Access.READ),
                        lackey(0x04a3c1ffL, Access.WRITE));
    }

    private static Traces.Fault lackey(long address, Access access) {
        return new Traces.Fault(0, 0, "", address, access, Privilege.USER);
    }

    @Test
    void aLineThatTheTracedProgramPrintedIsABadLineOfLackey() throws IOException {
        Path file = Traces.write(directory, "I  0401ab70,3", "hello, world", " S 1fff000688,8");

        assertThatThrownBy(() -> Traces.read(file, false)).hasMessageContaining(", line 2: \"hello, world\"");
        assertThat(Traces.read(file, true)).hasSize(2);
    }

    @Test
    void oracleGeneralRecords() throws IOException {
        Path file = Files.write(
                directory.resolve("requests"),
                records(record(5, 0x1234, 4096, 3), record(5, 7, 0, -1), record(6, 0x1234, 100, -1)));

        try (TraceReader reader = TraceReader.open(file, false)) {
            assertThat(reader.description()).contains("oracleGeneral");
        }
        assertThat(Traces.read(file, false))
                .containsExactly(
                        new Traces.Fault(5_000_000_000L, 0, "", 0x1234000L, Access.READ, Privilege.USER),
                        new Traces.Fault(6_000_000_000L, 0, "", 0x1234000L, Access.READ, Privilege.USER));
    }

    @Test
    void anOracleGeneralFileThatIsCutOffIsNamed() throws IOException {
        byte[] whole = records(record(5, 0x1234, 4096, 2), record(6, 0x1234, 100, -1));
        Path file = Files.write(directory.resolve("cut"), Arrays.copyOf(whole, whole.length - 1));

        assertThatThrownBy(() -> Traces.read(file, false))
                .isInstanceOf(TraceException.class)
                .hasMessage(
                        file + ": the last record is cut off after 1 whole records (expected: 24 bytes, found: 23)");
    }

    @Test
    void bytesThatAreNotPlausibleAsOracleGeneralAreInNoFormat() throws IOException {
        Path file = Files.write(directory.resolve("any"), records(record(5, 1, 1, 2), record(4, 1, 1, -1)));

        assertThatThrownBy(() -> Traces.read(file, false)).hasMessageContaining("no format that is known");
    }

    private static byte[] record(int seconds, long object, int size, long next) {
        return ByteBuffer.allocate(24)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(seconds)
                .putLong(object)
                .putInt(size)
                .putLong(next)
                .array();
    }

    private static byte[] records(byte[]... records) {
        ByteBuffer all = ByteBuffer.allocate(24 * records.length);
        for (byte[] record : records) {
            all.put(record);
        }
        return all.array();
    }
}
