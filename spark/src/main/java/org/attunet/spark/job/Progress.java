package org.attunet.spark.job;

/** Receives a job's progress, on a thread of Spark's. */
@FunctionalInterface
public interface Progress {
    /**
     * @param done cases that are finished, whatever their outcome; never less than before
     * @param total all cases
     */
    void at(long done, long total);
}
