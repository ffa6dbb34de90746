// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandlerStateTest {
    private static final List<String> NAMES = List.of("---", "G", "E", "EG", "R", "RG", "RE", "REG");

    /** The protocol's table 6.2, a state and its ten cells: X is refused, = is allowed without a change. */
    @ParameterizedTest(name = "H1 [I34] {0}")
    @Tag("H1")
    @ValueSource(
            strings = {
                "---  G  =   X   X    X  X  X    X    X    X",
                "G    X  X  EG   =  ---  =  X    X    X    X",
                "E    X  X   X   X    X  X  X    X    X    X",
                "EG   X  X   =   G  ---  X  X    X    X  REG",
                "R    X  X   X   X    X  X  =  ---  ---    X",
                "RG   X  X REG   =    R  X  =    G    G    X",
                "RE   X  X   X   X    X  X  X    X    X    X",
                "REG  X  X   =  RG    R  X  =   EG   EG    X"
            })
    void everyCellIsAsInTheTable(String row) {
        List<String> cells = List.of(row.split(" +"));
        HandlerState from = withBits(NAMES.indexOf(cells.getFirst()));

        for (HandlerAction action : HandlerAction.values()) {
            HandlerState after = from.after(action);

            String cell = after == null ? "X" : after == from ? "=" : NAMES.get(after.bits());
            assertThat(cell).as("%s in %s", action, from).isEqualTo(cells.get(action.column() + 1));
        }
    }

    private static HandlerState withBits(int bits) {
        return Arrays.stream(HandlerState.values())
                .filter(state -> state.bits() == bits)
                .findFirst()
                .orElseThrow();
    }
}
