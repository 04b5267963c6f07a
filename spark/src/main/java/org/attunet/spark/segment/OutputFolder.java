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

    /** Which job was the last to begin here. */
    String lastJob() {
        return uri + "/_job";
    }

    /** What unfinished jobs have left of their rows. */
    String rows() {
        return uri + "/_rows";
    }

    /** Where the tasks of a job leave their rows while it runs. */
    String rows(String job) {
        return rows() + "/" + job;
    }

    /** Where a job's table is written before it is whole. */
    String unfinishedTable(String job) {
        return rows() + "/" + job + ".table";
    }
}
