package org.attunet.imagej;

import ij.ImagePlus;
import ij.gui.Overlay;
import ij.gui.PolygonRoi;
import ij.gui.Roi;
import ij.gui.ShapeRoi;
import ij.plugin.frame.RoiManager;
import java.awt.geom.Path2D;
import java.util.ArrayList;
import java.util.List;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.image.Outline;

/** Selections along the edges of the pixels of each object in each plane. */
final class LabelRois {
    /** Names the elements of the overlay, so that another segmentation replaces them and leaves the user's own. */
    static final String PROPERTY = "attunet";

    private final ImagePlus image;
    private final LabelSet labels;
    private final List<Roi> rois = new ArrayList<>();

    LabelRois(ImagePlus image, LabelSet labels) {
        this.image = image;
        this.labels = labels;
    }

    /**
     * Adds the objects of a frame.
     *
     * @param numbered whether the values number objects, each of which has a colour of its own; otherwise they are labels
     */
    void add(LabelMap frame, int number, boolean numbered) {
        int slice = 0;
        for (LabelMap plane : Planes.of(frame)) {
            var position = new Position(++slice, number);
            List<Outline> outlines = Outline.of(plane);
            for (int k = 0; k < outlines.size(); k++) {
                Outline outline = outlines.get(k);
                Roi roi = roi(outline);
                String name = labels.nameOf(numbered ? 1 : labels.classOf(outline.label()));
                roi.setName(position.prefix(image) + name + " " + (numbered ? outline.label() : k + 1));
                roi.setStrokeColor(numbered ? LabelTable.of(outline.label()) : LabelTable.of(labels, outline.label()));
                roi.setProperty(PROPERTY, name);
                position.applyTo(roi, image);
                rois.add(roi);
            }
        }
    }

    static Roi roi(Outline outline) {
        int[] ring = outline.exterior();
        if (outline.holes().isEmpty()) {
            int[] x = new int[ring.length / 2];
            int[] y = new int[ring.length / 2];
            for (int i = 0; i < x.length; i++) {
                x[i] = ring[2 * i];
                y[i] = ring[2 * i + 1];
            }
            return new PolygonRoi(x, y, x.length, Roi.TRACED_ROI);
        }
        Path2D path = new Path2D.Float(Path2D.WIND_EVEN_ODD);
        append(path, ring);
        outline.holes().forEach(hole -> append(path, hole));
        return new ShapeRoi(path);
    }

    private static void append(Path2D path, int[] ring) {
        path.moveTo(ring[0], ring[1]);
        for (int i = 2; i < ring.length; i += 2) {
            path.lineTo(ring[i], ring[i + 1]);
        }
        path.closePath();
    }

    /** Adds the selections to the ROI Manager, which opens if need be. */
    void toManager() {
        RoiManager open = RoiManager.getInstance2();
        RoiManager manager = open == null ? RoiManager.getRoiManager() : open;
        for (Roi roi : rois) {
            manager.addRoi((Roi) roi.clone());
        }
    }

    /** Replaces what an earlier segmentation put into the image's overlay. */
    void toOverlay(List<? extends Roi> below) {
        Overlay old = image.getOverlay();
        Overlay overlay = new Overlay();
        below.forEach(overlay::add);
        rois.forEach(overlay::add);
        if (old != null) {
            for (Roi roi : old.toArray()) {
                if (roi.getProperty(PROPERTY) == null) {
                    overlay.add(roi);
                }
            }
        }
        image.setOverlay(overlay);
    }
}
