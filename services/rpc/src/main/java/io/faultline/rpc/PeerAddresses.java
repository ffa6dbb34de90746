// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.grpc.Attributes;
import io.grpc.Grpc;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Names clients by the address that they come from; of IPv6, whose hosts have as many as they like, by its network. */
final class PeerAddresses implements ClientNames {
    private static final int NETWORK_BYTES = 8;
    private static final int IPV6_BYTES = 16;
    private static final int IPV4_BYTES = 4;
    private static final byte[] IPV4_MAPPED_PREFIX = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1};

    @Override
    public String of(Attributes connection) {
        return name(connection.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
    }

    static String name(@Nullable SocketAddress address) {
        if (!(address instanceof InetSocketAddress internet) || internet.getAddress() == null) {
            return String.valueOf(address);
        }
        byte[] bytes = internet.getAddress().getAddress();
        if (bytes.length == IPV6_BYTES && !isIpv4Mapped(bytes)) {
            Arrays.fill(bytes, NETWORK_BYTES, IPV6_BYTES, (byte) 0);
            return text(bytes) + "/64";
        }
        return text(Arrays.copyOfRange(bytes, bytes.length - IPV4_BYTES, bytes.length));
    }

    /** Whether it is an address of IPv4 as a listener for both sees it, {@code ::ffff:10.0.0.1}. */
    private static boolean isIpv4Mapped(byte[] bytes) {
        for (int i = 0; i < IPV4_MAPPED_PREFIX.length; i++) {
            if (bytes[i] != IPV4_MAPPED_PREFIX[i]) {
                return false;
            }
        }
        return true;
    }

    private static String text(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException("address: " + bytes.length + " bytes (expected: 4 or 16)", e);
        }
    }
}
