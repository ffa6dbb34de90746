// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * What a service that talks TLS answers, in plain HTTP/2, to a client that does not: that the connection goes away for want of
 * security (RFC 9113, 6.8 and 7).
 */
final class PlainTextRefusal {
    private static final int SETTINGS = 4;
    private static final int GO_AWAY = 7;
    private static final int INADEQUATE_SECURITY = 12;
    private static final byte[] WHY =
            "this service talks TLS (--tls-ca, --tls-cert, --tls-key)".getBytes(StandardCharsets.US_ASCII);

    private PlainTextRefusal() {}

    /** Empty settings, with which a server has to begin, and the end. */
    static ByteBuf frames() {
        ByteBuf frames = Unpooled.buffer();
        begin(frames, 0, SETTINGS);
        begin(frames, 2 * Integer.BYTES + WHY.length, GO_AWAY);
        frames.writeInt(0);
        frames.writeInt(INADEQUATE_SECURITY);
        return frames.writeBytes(WHY);
    }

    private static void begin(ByteBuf frames, int length, int type) {
        frames.writeMedium(length).writeByte(type).writeByte(0).writeInt(0);
    }
}
