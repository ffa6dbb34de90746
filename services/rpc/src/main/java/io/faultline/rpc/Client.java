// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.grpc.Attributes;
import io.grpc.Context;

/**
 * One client of a service, by the name that {@link ClientNames} gives to whoever is at the other end of a connection, and what
 * the service does and holds for it at this moment. Loop thread only.
 */
public final class Client {
    /** Of a connection: whose it is. */
    static final Attributes.Key<Client> ATTRIBUTE = Attributes.Key.create("io.faultline.rpc.client");

    private static final Context.Key<Client> CURRENT = Context.key("io.faultline.rpc.client");

    private final String name;
    private final ClientRefusals refusals;
    private final RateBudget calls;
    private final RateBudget records;
    private final int[] held = new int[ClientLimit.count()];

    Client(String name, ClientRefusals refusals, RateBudget calls, RateBudget records) {
        this.name = name;
        this.refusals = refusals;
        this.calls = calls;
        this.records = records;
    }

    /** The client whose call is being handled; one without a name and without a past if none is. */
    public static Client current() {
        Client client = CURRENT.get();
        return client == null
                ? new Client("nobody", new ClientRefusals(), new RateBudget(1, 0), new RateBudget(1, 0))
                : client;
    }

    /** Runs with this as the {@link #current} client. */
    Context context() {
        return Context.current().withValue(CURRENT, this);
    }

    /** What it is called: with TLS by its certificate, without by its address. */
    public String name() {
        return name;
    }

    /** How much of something it holds. */
    public int held(ClientLimit what) {
        return held[what.index()];
    }

    /** It holds one more. */
    public void hold(ClientLimit what) {
        held[what.index()]++;
    }

    /** It holds one less. */
    public void release(ClientLimit what) {
        held[what.index()]--;
    }

    /** It was refused something, or had to wait, at a limit. */
    public void refused(ClientLimit limit) {
        refusals.add(limit, this);
    }

    RateBudget calls() {
        return calls;
    }

    RateBudget records() {
        return records;
    }

    /** Whether nothing is held for it, and a client made anew could do no more than it can. */
    boolean isForgettable(long nowNs) {
        for (int count : held) {
            if (count != 0) {
                return false;
            }
        }
        return calls.isFull(nowNs) && records.isFull(nowNs);
    }
}
