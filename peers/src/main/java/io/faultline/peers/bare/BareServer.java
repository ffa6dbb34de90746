// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.bare;

import io.faultline.rpc.Channels;
import io.faultline.rpc.Servers;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.Turn;
import io.grpc.Server;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;

/**
 * A process that answers a service's messages and is no service. Arguments: the role, the port, then {@code codec-pager} and
 * {@code stub-pager} the number of pages, {@code vcpu} the ports of the bare pager and notifier.
 */
public final class BareServer {
    private BareServer() {}

    /** The process's entry; it ends when it is told to. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        int port = Integer.parseInt(arguments[1]);
        ServiceLoop loop = ServiceLoop.start("bare-" + arguments[0]);
        Turn turn = new Turn(loop);
        var builder = Servers.onLoopback(loop, port).addService(new HealthStatusManager().getHealthService());
        switch (arguments[0]) {
            case "codec-pager" -> builder.addService(new BarePager(Integer.parseInt(arguments[2])).overCodec());
            case "stub-pager" -> builder.addService(new BarePager(Integer.parseInt(arguments[2])).overStub());
            case "notifier" -> {
                BareNotifier notifier = new BareNotifier(turn);
                builder.addService(notifier.owners()).addService(notifier.guests());
            }
            case "vcpu" ->
                builder.addService(new BareVcpus(
                        turn,
                        Channels.connect(loop, "127.0.0.1:" + arguments[2]),
                        Channels.connect(loop, "127.0.0.1:" + arguments[3])));
            default -> throw new IllegalArgumentException("role: " + arguments[0]);
        }
        Server server = builder.build().start();
        server.awaitTermination();
    }
}
