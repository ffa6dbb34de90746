// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import static io.faultline.notifier.domain.Rig.ENTRY;
import static io.faultline.notifier.domain.Rig.EVENT;
import static io.faultline.notifier.domain.Rig.T1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every call in every state that a handler can be in: what x0 says, and the state afterwards. */
class SdeiStateTableTest {
    private static final List<String> STATES = List.of("---", "G", "E", "EG", "R", "RG", "RE", "REG");
    private static final List<String> CALLS = List.of(
            "REGISTER",
            "ENABLE",
            "DISABLE",
            "UNREGISTER",
            "ROUTING_SET",
            "CONTEXT",
            "STATUS",
            "SIGNAL",
            "RELEASE",
            "PRIVATE_RESET",
            "COMPLETE",
            "RESUME");

    /* A row per state, a column per call: the answer and the state it leaves; "void" where a call does not return. */
    @Tag("H1")
    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "--- 0:G   -3:---  -3:---  -3:---  -2:---  -3:---  0:---  -2:---  -1:---  0:---  -3:---   -3:---",
                "G   -3:G   0:EG    0:G     0:---  -2:G    -3:G    1:G    -2:G    -1:G    0:---  -3:G     -3:G",
                "EG  -3:EG  0:EG    0:G     0:---  -2:EG   -3:EG   3:EG    0:EG   -1:EG   0:---  -3:EG    -3:EG",
                "R   -3:R  -3:R    -3:R    -5:R    -2:R     0:R    4:R    -2:R    -1:R   -3:R    void:--- void:---",
                "RG  -3:RG  0:REG   0:RG   -5:R    -2:RG    0:RG   5:RG   -2:RG   -1:RG  -3:R    void:G   void:G",
                "REG -3:REG 0:REG   0:RG   -5:R    -2:REG   0:REG  7:REG   0:REG  -1:REG -3:R    void:EG  void:EG"
            })
    void everyCallAnswersAndMovesOnAsInTheTable(String row) {
        List<String> cells = List.of(row.split(" +"));

        for (int column = 0; column < CALLS.size(); column++) {
            for (long event : new long[] {SdeiEvent.SOFTWARE_SIGNALLED, EVENT}) {
                Rig rig = in(cells.getFirst(), event);

                long x0 = call(rig, CALLS.get(column), event);

                String state = STATES.get((int) rig.sdei(SdeiCalls.EVENT_STATUS, event));
                assertThat((x0 == Long.MIN_VALUE ? "void" : x0) + ":" + state)
                        .as("%s of event 0x%x in %s", CALLS.get(column), event, cells.getFirst())
                        .isEqualTo(expected(cells.get(column + 1), CALLS.get(column), event));
            }
        }
    }

    /** Software signals event 0 only. */
    private static String expected(String cell, String call, long event) {
        return call.equals("SIGNAL") && event != SdeiEvent.SOFTWARE_SIGNALLED ? cell.replaceFirst("^0:", "-2:") : cell;
    }

    private static long call(Rig rig, String name, long event) {
        return switch (name) {
            case "REGISTER" -> rig.sdei(SdeiCalls.EVENT_REGISTER, event, ENTRY);
            case "ENABLE" -> rig.sdei(SdeiCalls.EVENT_ENABLE, event);
            case "DISABLE" -> rig.sdei(SdeiCalls.EVENT_DISABLE, event);
            case "UNREGISTER" -> rig.sdei(SdeiCalls.EVENT_UNREGISTER, event);
            case "ROUTING_SET" -> rig.sdei(SdeiCalls.EVENT_ROUTING_SET, event);
            case "CONTEXT" -> rig.sdei(SdeiCalls.EVENT_CONTEXT, 3);
            case "STATUS" -> rig.sdei(SdeiCalls.EVENT_STATUS, event);
            case "SIGNAL" -> rig.sdei(SdeiCalls.EVENT_SIGNAL, event, Mpidr.of(Rig.VCPU));
            case "RELEASE" -> rig.sdei(0xC400_002E, event);
            case "PRIVATE_RESET" -> rig.sdei(SdeiCalls.PRIVATE_RESET);
            case "COMPLETE" -> rig.sdei(SdeiCalls.EVENT_COMPLETE, 0);
            case "RESUME" -> rig.sdei(SdeiCalls.EVENT_COMPLETE_AND_RESUME, ENTRY);
            default -> throw new IllegalArgumentException("call: " + name + " (expected: one of " + CALLS + ")");
        };
    }

    /** An unmasked PE whose event is in a state, got there by the calls and triggers that lead there. */
    private static Rig in(String state, long event) {
        Rig rig = Rig.enabled();
        rig.sdei(SdeiCalls.PRIVATE_RESET);
        if (!state.equals("---")) {
            rig.sdei(SdeiCalls.EVENT_REGISTER, event, ENTRY);
        }
        if (state.contains("E") || state.contains("R")) {
            rig.sdei(SdeiCalls.EVENT_ENABLE, event);
        }
        if (state.contains("R")) {
            trigger(rig, event);
        }
        if (state.equals("RG")) {
            rig.sdei(SdeiCalls.EVENT_DISABLE, event);
        }
        if (state.equals("R")) {
            rig.sdei(SdeiCalls.EVENT_UNREGISTER, event);
        }
        return rig;
    }

    private static void trigger(Rig rig, long event) {
        if (event == SdeiEvent.SOFTWARE_SIGNALLED) {
            rig.sdei(SdeiCalls.EVENT_SIGNAL, event, Mpidr.of(Rig.VCPU));
            rig.ent();
        } else {
            rig.fault(T1);
        }
    }
}
