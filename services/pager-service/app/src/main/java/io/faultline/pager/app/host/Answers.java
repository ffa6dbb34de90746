// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.host;

import io.faultline.model.Tier;
import io.faultline.pager.domain.PageAnswer;

/** Where the pager's answers go: the streams of requests. Called on the loop, in the middle of the domain's work. */
public interface Answers {
    /**
     * Answers a FETCH with the bytes in a cell, to be followed by {@link PagerHost#sent} once they are copied out.
     *
     * @return false if the stream is gone; then nothing follows
     */
    boolean answerData(int stream, long requestId, Tier tier, int cell);

    /** Answers a request without bytes. */
    void answer(int stream, long requestId, PageAnswer answer, Tier tier);
}
