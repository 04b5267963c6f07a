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

    String record(Scan scan) {
        return uri + "/records/" + scan.name() + ".json";
    }

    String table() {
        return uri + "/cases.parquet";
    }

    /** Where each task leaves its rows while the job runs. */
    String rowsOfTasks() {
        return uri + "/_rows";
    }

    /** Where the table is written before it is whole. */
    String unfinishedTable() {
        return uri + "/_cases.parquet.part";
    }
}
