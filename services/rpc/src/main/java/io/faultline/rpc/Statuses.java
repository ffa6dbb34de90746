// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.Status;
import io.faultline.rpc.tls.TlsProblems;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.List;

/** The errors that calls end with: a code, a sentence for a person, and details for a program. */
public final class Statuses {
    private Statuses() {}

    /** How a call ended, for a person: its code and, if there is one, the sentence. */
    public static String describe(io.grpc.Status status) {
        String problem = TlsProblems.sentence(status);
        String description = problem == null ? status.getDescription() : problem;
        return description == null ? status.getCode().toString() : status.getCode() + ": " + description;
    }

    /** A request with fields out of range; the message names each, the details carry them as {@code BadRequest}. */
    public static StatusRuntimeException invalid(List<BadRequest.FieldViolation> violations) {
        String message = violations.stream()
                .map(violation -> violation.getField() + ": " + violation.getDescription())
                .reduce((left, right) -> left + "; " + right)
                .orElseThrow(() -> new IllegalArgumentException("violations: none (expected: at least 1)"));
        return StatusProto.toStatusRuntimeException(Status.newBuilder()
                .setCode(Code.INVALID_ARGUMENT_VALUE)
                .setMessage(message)
                .addDetails(Any.pack(BadRequest.newBuilder()
                        .addAllFieldViolations(violations)
                        .build()))
                .build());
    }

    /** A request with one field out of range. */
    public static StatusRuntimeException invalid(String field, String description) {
        return invalid(List.of(violation(field, description)));
    }

    /** One field out of range, to be gathered for {@link #invalid(List)}. */
    public static BadRequest.FieldViolation violation(String field, String description) {
        return BadRequest.FieldViolation.newBuilder()
                .setField(field)
                .setDescription(description)
                .build();
    }

    /** What was asked for is not here. */
    public static StatusRuntimeException notFound(String message) {
        return io.grpc.Status.NOT_FOUND.withDescription(message).asRuntimeException();
    }

    /** What was to be made is here already. */
    public static StatusRuntimeException alreadyExists(String message) {
        return io.grpc.Status.ALREADY_EXISTS.withDescription(message).asRuntimeException();
    }

    /** Not in the state that things are in here. */
    public static StatusRuntimeException failedPrecondition(String message) {
        return io.grpc.Status.FAILED_PRECONDITION.withDescription(message).asRuntimeException();
    }

    /** Something else came between. */
    public static StatusRuntimeException aborted(String message) {
        return io.grpc.Status.ABORTED.withDescription(message).asRuntimeException();
    }

    /** A bound is reached. */
    public static StatusRuntimeException resourceExhausted(String message) {
        return io.grpc.Status.RESOURCE_EXHAUSTED.withDescription(message).asRuntimeException();
    }

    /** Not now; trying again later may help. */
    public static StatusRuntimeException unavailable(String message) {
        return io.grpc.Status.UNAVAILABLE.withDescription(message).asRuntimeException();
    }
}
