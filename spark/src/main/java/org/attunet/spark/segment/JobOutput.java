package org.attunet.spark.segment;

import java.io.Serializable;

/**
 * The output of a job: {@code masks/}, {@code records/} and the table {@code cases.parquet}.
 *
 * @param uri its full address
 */
record JobOutput(String uri) implements Serializable {
    String masks() {
        return uri + "/masks";
    }

    String record(ScanFiles scan) {
        return uri + "/records/" + scan.name() + ".json";
    }

    String table() {
        return uri + "/cases.parquet";
    }

    String objects() {
        return uri + "/objects.parquet";
    }

    /** The file with the id of the last job that began here. */
    String lastJob() {
        return uri + "/_job";
    }
}
