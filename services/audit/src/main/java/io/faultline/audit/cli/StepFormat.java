// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.cli;

import com.google.gson.JsonObject;
import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Refusal;
import io.faultline.model.Resolution;
import io.faultline.model.StepKind;
import io.faultline.model.SyncReason;
import io.faultline.model.Token;
import io.faultline.proto.audit.v1.AuditBlock;
import io.faultline.proto.audit.v1.AuditStep;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** A step as a line for a person or as JSON. */
final class StepFormat {
    private StepFormat() {}

    static String line(AuditBlock block, AuditStep step) {
        StringBuilder line = new StringBuilder(160)
                .append(time(step))
                .append(' ')
                .append(block.getSource())
                .append(" vm ")
                .append(block.getVmId())
                .append(" vcpu ")
                .append(step.getVcpuId())
                .append(" #")
                .append(step.getSequence())
                .append(' ')
                .append(kind(step));
        if (step.getToken() != Token.NONE) {
            line.append(" token ").append(Token.format(step.getToken()));
        }
        if (step.getGfn() != 0) {
            line.append(" gfn 0x").append(Long.toHexString(step.getGfn()));
        }
        if (step.getDetail() != 0) {
            line.append(' ').append(detail(step));
        }
        if (step.getCause() != 0) {
            line.append(" from #").append(step.getCause());
        }
        return line.append(" epoch ").append(step.getEpoch()).toString();
    }

    static JsonObject json(AuditBlock block, AuditStep step) {
        JsonObject json = new JsonObject();
        json.addProperty("time", time(step));
        json.addProperty("source", block.getSource());
        json.addProperty("incarnation", block.getIncarnation());
        json.addProperty("vm", block.getVmId());
        json.addProperty("vcpu", step.getVcpuId());
        json.addProperty("sequence", step.getSequence());
        json.addProperty("kind", kind(step));
        json.addProperty("epoch", step.getEpoch());
        if (step.getToken() != Token.NONE) {
            json.addProperty("token", Token.format(step.getToken()));
        }
        if (step.getGfn() != 0) {
            json.addProperty("gfn", step.getGfn());
        }
        if (step.getDetail() != 0) {
            json.addProperty("detail", detail(step));
        }
        if (step.getCause() != 0) {
            json.addProperty("cause", step.getCause());
        }
        return json;
    }

    private static String time(AuditStep step) {
        return Instant.EPOCH.plus(step.getTimeUnixUs(), ChronoUnit.MICROS).toString();
    }

    private static String kind(AuditStep step) {
        return name(StepKind.values(), step.getKindValue());
    }

    private static String detail(AuditStep step) {
        int code = step.getDetail();
        return switch (step.getKind()) {
            case STEP_KIND_REFUSED -> name(Refusal.values(), code);
            case STEP_KIND_INSTALLED -> name(PageSource.values(), code);
            case STEP_KIND_MAPPED -> name(SyncReason.values(), code);
            case STEP_KIND_RESOLVED -> name(Resolution.values(), code);
            case STEP_KIND_FAILED, STEP_KIND_FETCH_FAILED -> name(FailReason.values(), code);
            default -> Integer.toString(code);
        };
    }

    /** The name of a wire number, the number itself where this release has no name for it. */
    private static String name(Enum<?>[] names, int code) {
        return code >= 0 && code < names.length ? names[code].name() : Integer.toString(code);
    }
}
