package org.attunet.server.http;

import java.io.IOException;

/** A body that is not read to its end, and the status that says why. */
final class BodyException extends IOException {
    private final int status;

    BodyException(int status, String sentence) {
        super(sentence);
        this.status = status;
    }

    int status() {
        return status;
    }
}
