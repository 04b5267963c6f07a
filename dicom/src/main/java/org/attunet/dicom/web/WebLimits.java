package org.attunet.dicom.web;

/**
 * What a server may send at most.
 *
 * @param files of a series
 * @param bytes of a series
 */
public record WebLimits(int files, long bytes) {
    /** 100,000 files and 64 GiB. */
    public static final WebLimits USUAL = new WebLimits(100_000, 64L << 30);
}
