// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.redis;

import io.faultline.pager.app.config.RedisProperties;
import io.faultline.pager.app.config.SwapStoreChoice;
import io.faultline.pager.app.store.Envelope;
import io.faultline.pager.app.store.PersistentSwapStoreContract;
import io.faultline.pager.app.store.StoreKey;
import io.lettuce.core.api.sync.RedisHashCommands;
import java.util.Objects;

/** The contract for Redis, one server or a cluster. */
abstract class RedisSwapStoreContract extends PersistentSwapStoreContract<RedisSwapStore> {
    /** The store, as a person would configure it. */
    abstract String url();

    /** A way to the values that passes the store by. */
    abstract RedisHashCommands<byte[], byte[]> redis();

    @Override
    protected RedisSwapStore open(Envelope envelope) {
        return RedisSwapStore.open(
                (SwapStoreChoice.Redis) SwapStoreChoice.of(url()),
                new RedisProperties("", "", "", 2_000, 1_000, 32 << 20),
                envelope);
    }

    @Override
    protected byte[] value(StoreKey key) {
        return Objects.requireNonNull(redis().hget(RedisExtent.of(key).key(), RedisExtent.field(key)), "a value");
    }

    @Override
    protected void setValue(StoreKey key, byte[] value) {
        redis().hset(RedisExtent.of(key).key(), RedisExtent.field(key), value);
    }
}
