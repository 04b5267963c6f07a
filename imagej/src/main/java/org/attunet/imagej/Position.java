package org.attunet.imagej;

import ij.ImagePlus;
import ij.gui.Roi;

/**
 * A plane of an ImageJ image, in all its channels.
 *
 * @param slice from 1
 * @param frame from 1
 */
record Position(int slice, int frame) {
    /** Ties a selection to this plane. */
    void applyTo(Roi roi, ImagePlus image) {
        if (image.isHyperStack() || image.getNChannels() > 1) {
            roi.setPosition(0, slice, frame);
        } else {
            roi.setPosition(image.getStackSize() > 1 ? image.getStackIndex(1, slice, frame) : 0);
        }
    }

    /** Such as {@code t2 z5 }; empty for an image of one plane. */
    String prefix(ImagePlus image) {
        return (image.getNFrames() > 1 ? "t" + frame + " " : "") + (image.getNSlices() > 1 ? "z" + slice + " " : "");
    }
}
