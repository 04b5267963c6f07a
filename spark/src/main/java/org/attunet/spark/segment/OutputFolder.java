package org.attunet.spark.segment;

import java.io.Serializable;

/**
 * Where a job leaves what it makes: {@code masks/}, {@code records/} (what each mask was made of) and the table {@code
 * cases.parquet}.
 *
 * @param uri its full address
 */
record OutputFolder(String uri) implements Serializable {
    String masks() {
        return uri + "/masks";
    }

    String record(ScanFiles scan) {
        return uri + "/records/" + scan.name() + ".json";
    }

    String table() {
        return uri + "/cases.parquet";
    }

    /** Which job was the last to begin here. */
    String lastJob() {
        return uri + "/_job";
    }
}
