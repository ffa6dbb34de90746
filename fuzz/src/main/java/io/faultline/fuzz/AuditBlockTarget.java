// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.fuzz;

import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.audit.verify.AuditVerifier;
import io.faultline.proto.audit.v1.AuditBlock;
import io.faultline.proto.audit.v1.AuditStep;
import java.util.List;

/** A record of the audit topic, whoever wrote it there: read and verified, which may find what it likes but not fail. */
final class AuditBlockTarget implements FuzzTarget {
    private static final int DETAILS_MAX = 16;

    @Override
    public void read(byte[] bytes) {
        AuditVerifier verifier = new AuditVerifier(true, DETAILS_MAX);
        try {
            AuditBlock block = AuditBlock.parseFrom(bytes);
            verifier.accept(block);
            verifier.accept(block);
        } catch (InvalidProtocolBufferException malformed) {
            verifier.unreadable(0, 0, String.valueOf(malformed.getMessage()));
        }
        if (String.valueOf(verifier.finish()).isEmpty()) {
            throw new IllegalStateException("a report without words");
        }
    }

    @Override
    public List<byte[]> seeds() {
        AuditBlock.Builder block = AuditBlock.newBuilder()
                .setSource("vcpu-service")
                .setIncarnation(5)
                .setVmId(1);
        for (int kind = 1; kind <= 12; kind++) {
            block.addSteps(
                    AuditStep.newBuilder().setKindValue(kind).setVcpuId(0).setToken(0x1000));
        }
        return List.of(
                block.build().toByteArray(),
                block.setSource("notifier-service").build().toByteArray());
    }
}
