package org.attunet.spark.segment;

import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One scan to segment.
 *
 * @param name of the case, which names its mask; may hold folders ({@code a/b})
 * @param files their full addresses, one for each channel that has a file of its own
 * @param bytes of the files together; 0 where they can't be told
 * @param problem why it can't be segmented whatever is in the files; null where nothing is known against it
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

    /** A scan that nothing is known against. */
    ScanFiles(String name, List<String> files, long bytes) {
        this(name, files, bytes, null);
    }

    /** The same under another name. */
    ScanFiles named(String other) {
        return new ScanFiles(other, files, bytes, problem);
    }

    /** The same, refused. */
    ScanFiles refused(String sentence) {
        return new ScanFiles(name, files, bytes, sentence);
    }
}
