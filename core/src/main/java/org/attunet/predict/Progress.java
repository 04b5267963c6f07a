package org.attunet.predict;

import java.util.function.DoubleConsumer;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkCost;
import org.attunet.network.NetworkShape;

/**
 * The share of a segmentation that is done, reported while it rises: the preparation, the blocks and the planes brought back
 * to the image's grid, in proportion to about how long they take. While a block is computed, the share rises by the time
 * that blocks took so far, as native code doesn't say how far it is.
 *
 * <p>Not thread-safe.
 */
final class Progress {
    /** The share of reading voxels, orientation, normalisation and resampling. */
    static final double PREPARED = 0.05;

    private static final double COMPUTED = 0.99; // the rest is for what follows the last plane
    private static final double UNKNOWN_NETWORK = 1e5; // operations per voxel
    private static final double PLANE_VALUE = 100; // operations that take as long as restoring a value and its vote

    /** Operations per second of the last block in this process; a first guess for the next segmentation. */
    private static volatile double lastPace = 1e10 * Runtime.getRuntime().availableProcessors();

    private final DoubleConsumer receiver;
    private double total;
    private double done;
    private double reported;
    private double pace = lastPace;

    Progress(DoubleConsumer receiver) {
        this.receiver = receiver;
    }

    /** About how many operations a network needs for each voxel of a block. */
    static double operations(NetworkShape network) {
        return network instanceof NetworkConfig config ? NetworkCost.of(config).operations() : UNKNOWN_NETWORK;
    }

    /** About as many operations as take the time of restoring so many values. */
    static double restoring(double values) {
        return PLANE_VALUE * values;
    }

    /** Adds operations that are to be done. */
    void expect(double operations) {
        total += operations;
    }

    /** Reports 0, once the image is read. */
    void begin() {
        receiver.accept(0);
    }

    /** Reports a share of the preparation, 0 to 1. */
    void prepared(double share) {
        report(PREPARED * share);
    }

    /** Counts operations as done. */
    void done(double operations) {
        done += operations;
        report();
    }

    /** Finishes the report with 1. */
    void finish() {
        report(1);
    }

    /** Begins a run of the network. */
    Run run(double operations) {
        return new Run(operations);
    }

    /** A run of a network, whose share is estimated while it lasts. */
    final class Run {
        private final double operations;
        private final double before = done;
        private final long start = System.nanoTime();

        private Run(double operations) {
            this.operations = operations;
        }

        /** Reports about how far the run is. */
        void waiting() {
            done = before + operations * share((System.nanoTime() - start) / 1e9 * pace / operations);
            report();
        }

        /** Straight up to 0.9 of the expected time, then ever slower towards 1. */
        private static double share(double time) {
            return time < 0.9 ? time : 1 - 0.09 / time;
        }

        void finished() {
            pace = operations / Math.max(1e-6, (System.nanoTime() - start) / 1e9);
            lastPace = pace;
            done = before;
            Progress.this.done(operations);
        }
    }

    private void report() {
        report(PREPARED + (COMPUTED - PREPARED) * Math.min(1, done / Math.max(1, total)));
    }

    private void report(double share) {
        if (share > reported) {
            reported = share;
            receiver.accept(share);
        }
    }
}
