package org.attunet.io;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.GZIPOutputStream;

/** The limits of gzip, for checks of headers, and its writer. */
final class Gzip {
    /** The allowed ratio, for failures. */
    static final String RATIO = "at most 1100 bytes from one";

    private Gzip() {}

    /** The largest content of a compressed file: Deflate can't shrink by more than 1032 : 1. */
    static long mostBytes(long compressed) {
        return compressed * 1100 + (1 << 20);
    }

    /** Writes compressed content; GZIPOutputStream stores no time, so equal content gives equal bytes. */
    static void write(OutputStream out, WholeFile.Body body) throws IOException {
        GZIPOutputStream gzip = new GZIPOutputStream(out, 1 << 15);
        body.writeTo(gzip);
        gzip.finish();
    }
}
