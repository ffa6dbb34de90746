// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyRingTest {
    private static final String KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

    @TempDir
    Path directory;

    @Test
    void theFirstKeySealsAndNoKeyIsPrinted() throws Exception {
        KeyRing ring = KeyRing.read(write("# newest first\n\n 12 " + KEY + " \n7\t" + KEY + "\n"));

        assertThat(ring.sealingId()).isEqualTo(12);
        assertThat(ring.key(7)).isNotNull();
        assertThat(ring.key(8)).isNull();
        assertThat(ring).hasToString("key 12 seals, each of [12, 7] opens");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "7;line 1",
                "0 KEY;line 1",
                "-1 KEY;line 1",
                "2147483648 KEY;line 1",
                "x KEY;line 1",
                "7 KEY more;line 1",
                "7 KEYA;line 1",
                "7 c2hvcnQ=;line 1",
                "7 KEY|8 nonsense!;line 2",
                "7 KEY|7 KEY;line 2: id 7 again",
                "# nothing;no key",
            })
    void whatIsNoKeyIsNamedByItsLineAndNotRepeated(String text, String what) throws Exception {
        Path file = write(text.replace("KEY", KEY).replace('|', '\n'));

        assertThatThrownBy(() -> KeyRing.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("key ring " + file + ": " + what)
                .hasMessageContaining("(expected: ")
                .hasMessageNotContaining(KEY)
                .hasMessageNotContaining("nonsense");
    }

    @Test
    void moreKeysThanARingHoldsAreRefused() throws Exception {
        Path file =
                write(IntStream.rangeClosed(1, 65).mapToObj(KeyRingFile::line).collect(Collectors.joining("\n")));

        assertThatThrownBy(() -> KeyRing.read(file)).hasMessageContaining("more keys (expected: at most 64)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r--r--", "rw-----w-", "rw--w----", "rwx-----x"})
    void aFileThatOthersCanReadOrChangeIsRefused(String permissions) throws Exception {
        Path file = KeyRingFile.write(directory, KeyRingFile.line(1), permissions);

        assertThatThrownBy(() -> KeyRing.read(file))
                .hasMessageContaining("permissions [")
                .hasMessageContaining("600");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-------", "r--------", "r--r-----"})
    void aFileOfTheOwnerOrOneThatItsGroupReadsIsTaken(String permissions) throws Exception {
        assertThat(KeyRing.read(KeyRingFile.write(directory, KeyRingFile.line(1), permissions))
                        .sealingId())
                .isEqualTo(1);
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> KeyRing.read(directory.resolve("none")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("none");
    }

    private Path write(String text) throws Exception {
        return KeyRingFile.write(directory, text, "rw-------");
    }
}
