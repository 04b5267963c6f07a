package org.attunet.spark.segment;

import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files of one scan.
 *
 * @param name of the case and its mask; may contain folders ({@code a/b})
 * @param files full addresses, one for each channel with a file of its own
 * @param bytes total size of the files; 0 if unknown
 * @param problem why the scan can't be segmented, known without opening the files; null if nothing is
 */
public record ScanFiles(
        String name,
        List<String> files,
        long bytes,
        @Nullable String problem) implements Serializable {
    /** Copies the list. */
    public ScanFiles {
        files = List.copyOf(files);
    }

    /** A scan without a known problem. */
    ScanFiles(String name, List<String> files, long bytes) {
        this(name, files, bytes, null);
    }

    /** Returns the scan under another name. */
    ScanFiles named(String other) {
        return new ScanFiles(other, files, bytes, problem);
    }

    /** Returns the scan with a problem. */
    ScanFiles refused(String sentence) {
        return new ScanFiles(name, files, bytes, sentence);
    }
}
