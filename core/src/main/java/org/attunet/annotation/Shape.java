package org.attunet.annotation;

/** Some voxels of a grid, listed anew each time. */
interface Shape {
    /** Takes runs of voxels. */
    interface Sink {
        /** Takes the voxels {@code from} to {@code to - 1}, at least one, by their indices in the grid's order. */
        void run(int from, int to);
    }

    /** Lists the voxels; no run overlaps another. */
    void draw(Sink sink);
}
