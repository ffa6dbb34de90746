// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class LatencyConverterTest {
    private final LatencyConverter converter = new LatencyConverter();

    @ParameterizedTest
    @CsvSource({"5ms, 5000000", "800us, 800000", "0.5s, 500000000", "5, 5000000", "2.5ms, 2500000", "0, 0"})
    void readsWhatPeopleWrite(String text, long ns) {
        assertThat(converter.convert(text)).isEqualTo(Duration.ofNanos(ns));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ms", "-5ms", "5 minutes", "5mss", "1e3"})
    void saysWhatItExpects(String text) {
        assertThatThrownBy(() -> converter.convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("'" + text + "'")
                .hasMessageContaining("such as 5ms");
    }

    @Test
    void theBenchmarkNamesALatencyThatIsTooLong() {
        assertThat(Faultline.commandLine().execute("bench", "guest", "--store-latency=11s"))
                .isEqualTo(2);
    }
}
