// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.config;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings {@code faultline.pager.redis.*}, which count when the swap store is Redis or Valkey.
 *
 * @param username an ACL user's name; empty for the default user
 * @param password the user's password; empty for none
 * @param caFile a PEM file of the authorities whose certificates TLS trusts; empty for the JVM's own
 * @param connectTimeoutMs how long connecting to a node may take, until it has answered its first command, in
 *     milliseconds
 * @param timeoutMs how long a node may take to answer, in milliseconds; then pages are UNAVAILABLE
 * @param inFlightMaxBytes the bound on page bytes that a node is asked for and given at a time; beyond it pages are
 *     UNAVAILABLE
 */
public record RedisProperties(
        @DefaultValue("") String username,
        @DefaultValue("") String password,
        @DefaultValue("") String caFile,
        @DefaultValue("2000") int connectTimeoutMs,
        @DefaultValue("1000") int timeoutMs,
        @DefaultValue("33554432") int inFlightMaxBytes) {

    /**
     * Checks every setting.
     *
     * @throws IllegalArgumentException naming the setting, its value and what is expected
     */
    public RedisProperties {
        PagerProperties.inRange("redis.connect-timeout-ms", connectTimeoutMs, 1, 60_000);
        PagerProperties.inRange("redis.timeout-ms", timeoutMs, 1, 60_000);
        PagerProperties.inRange("redis.in-flight-max-bytes", inFlightMaxBytes, 1 << 20, 1 << 30);
        if (!username.isEmpty() && password.isEmpty()) {
            throw new IllegalArgumentException("faultline.pager.redis.password: none for the user " + username
                    + " (expected: the user's password)");
        }
    }

    /** The settings but for the password. */
    @Override
    public String toString() {
        return "RedisProperties[username=" + username + ", caFile=" + caFile + ", connectTimeoutMs=" + connectTimeoutMs
                + ", timeoutMs=" + timeoutMs + ", inFlightMaxBytes=" + inFlightMaxBytes + "]";
    }
}
