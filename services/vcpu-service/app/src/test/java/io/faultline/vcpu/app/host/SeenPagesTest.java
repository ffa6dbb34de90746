// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class SeenPagesTest {
    private record Digest(long high, long low) {}

    private record Name(long gfn, long version) {}

    @RepeatedTest(20)
    void remembersWhatAMapWould(RepetitionInfo seed) {
        Random random = new Random(seed.getCurrentRepetition());
        int pages = 1 + random.nextInt(200);
        SeenPages seen = new SeenPages(pages);
        Map<Digest, Name> model = new HashMap<>();
        for (int step = 0; step < 2_000; step++) {
            // Few digests, so that they meet again, and few low words, so that they collide.
            Digest digest = new Digest(random.nextInt(40), random.nextInt(8));
            int at = seen.find(digest.high, digest.low);
            Name known = at == SeenPages.NOT_SEEN ? null : new Name(seen.gfn(at), seen.version(at));
            assertThat(known).isEqualTo(model.get(digest));
            if (known != null || model.size() < pages) {
                model.put(digest, new Name(random.nextLong(), 1 + step));
            }
            Name name = model.getOrDefault(digest, new Name(1, 1));
            seen.put(digest.high, digest.low, name.gfn, name.version);
        }
    }

    @Test
    void aFullTableRemembersNoMoreAndForgetsNothing() {
        SeenPages seen = new SeenPages(3);
        for (int i = 0; i < 5; i++) {
            seen.put(i, i, 100 + i, 1);
        }

        for (int i = 0; i < 3; i++) {
            assertThat(seen.gfn(seen.find(i, i))).isEqualTo(100 + i);
        }
        assertThat(seen.find(3, 3)).isEqualTo(SeenPages.NOT_SEEN);
        assertThat(seen.find(4, 4)).isEqualTo(SeenPages.NOT_SEEN);
    }
}
