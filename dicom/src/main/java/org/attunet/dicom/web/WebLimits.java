package org.attunet.dicom.web;

import java.time.Duration;

/**
 * What a server may send at most, and how long it is waited for.
 *
 * @param files of a series
 * @param bytes of a series
 * @param silence for the first byte of a response and for each further one
 * @param tries of a request while the server is busy or the connection fails, at least 1
 */
public record WebLimits(int files, long bytes, Duration silence, int tries) {
    /** For one user: 100,000 files, 64 GiB, two minutes, four tries. */
    public static final WebLimits USUAL = new WebLimits(100_000, 64L << 30, Duration.ofMinutes(2), 4);

    /** For servers, whose clients wait: 100,000 files, 4 GiB, 30 seconds, two tries. */
    public static final WebLimits SERVED = new WebLimits(100_000, 4L << 30, Duration.ofSeconds(30), 2);
}
