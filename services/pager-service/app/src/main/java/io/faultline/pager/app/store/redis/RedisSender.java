// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.redis;

import io.faultline.telemetry.RareLog;
import io.netty.util.Timer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Sends groups to their nodes, follows redirections and tells each group what became of its calls. Any thread. */
final class RedisSender implements RedisNode.Answers {
    private static final int REDIRECTIONS_MAX = 5;
    private static final Pattern REDIRECTION = Pattern.compile("(MOVED|ASK) \\d+ (.*):(\\d+)");

    private final RedisNodes nodes;
    private final Timer timer;
    private final int timeoutMs;
    private final RareLog failures;
    private final Set<RedisGroup> underWay = ConcurrentHashMap.newKeySet();

    RedisSender(RedisNodes nodes, Timer timer, int timeoutMs, RareLog failures) {
        this.nodes = nodes;
        this.timer = timer;
        this.timeoutMs = timeoutMs;
        this.failures = failures;
    }

    /** Sends a group's calls to a node. */
    void send(RedisNode node, RedisGroup group, List<RedisCall> calls) {
        underWay.add(group);
        CompletableFuture<Void> _ = group.end().thenRun(() -> underWay.remove(group));
        group.begin(calls.size(), timer, timeoutMs, () -> {
            warn(node.address() + ": no answer within " + timeoutMs + " ms");
            node.unanswered();
            nodes.refreshSoon();
        });
        node.send(calls, false, this);
    }

    /** The groups that are not answered yet. */
    List<RedisGroup> underWay() {
        return List.copyOf(underWay);
    }

    @Override
    public void answered(RedisNode node, RedisCall call, @Nullable Throwable failure) {
        if (failure == null) {
            call.group().ended(call, true);
            return;
        }
        String refusal = RedisFailures.refusal(failure);
        Matcher redirection = REDIRECTION.matcher(refusal == null ? "" : refusal);
        if (redirection.matches() && call.redirect() <= REDIRECTIONS_MAX) {
            redirect(node, call, redirection);
            return;
        }
        if (refusal == null || refusal.startsWith("CLUSTERDOWN")) {
            nodes.refreshSoon();
        }
        warn(node.address() + ": " + RedisFailures.sentence(failure));
        call.group().ended(call, false);
    }

    private void redirect(RedisNode node, RedisCall call, Matcher redirection) {
        boolean asking = redirection.group(1).equals("ASK");
        if (!asking) {
            nodes.refreshSoon();
        }
        String host = redirection.group(2).isEmpty() ? node.host() : redirection.group(2);
        RedisNode target = nodes.at(host, Integer.parseInt(redirection.group(3)));
        if (target == null) {
            warn(node.address() + ": redirects to a node that is not known yet, " + redirection.group());
            call.group().ended(call, false);
        } else {
            target.send(List.of(call), asking, this);
        }
    }

    @Override
    public void refused(RedisNode node, RedisCall call, String why) {
        warn(node.address() + ": " + why);
        nodes.refreshSoon();
        call.group().ended(call, false);
    }

    private void warn(String what) {
        failures.warn("swap store: pages are UNAVAILABLE: " + what, null);
    }
}
