package org.attunet.imagej;

import ij.ImagePlus;
import ij.WindowManager;
import ij.measure.Calibration;
import ij.measure.ResultsTable;
import ij.text.TextWindow;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.attunet.image.Components;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.image.Structure;
import org.attunet.predict.Segmentation;

/**
 * Tables of what was found, in the image's own unit: rows of labels in ImageJ's Results, rows of single objects in a table
 * called Objects. A 2D model's rows are those of planes, a 3D model's those of volumes.
 */
final class ResultTables {
    static final String RESULTS = "Results";
    static final String OBJECTS = "Objects";

    private final ImagePlus image;
    private final LabelSet labels;
    private final Lengths lengths;
    private final int axes; // of the model: areas or volumes

    ResultTables(ImagePlus image, LabelSet labels, Lengths lengths, int axes) {
        this.image = image;
        this.labels = labels;
        this.lengths = lengths;
        this.axes = axes;
    }

    /**
     * Adds rows to Results: one for each label of each plane or volume.
     *
     * @param objects of a model of objects: their numbers in each frame; otherwise empty, and components are counted
     */
    void addLabels(List<Segmentation> frames, List<LabelMap> objects) {
        ResultsTable table = ResultsTable.getResultsTable();
        for (int frame = 1; frame <= frames.size(); frame++) {
            Segmentation found = frames.get(frame - 1);
            List<LabelMap> parts = parts(found.labels());
            List<LabelMap> numbers = objects.isEmpty() ? List.of() : parts(objects.get(frame - 1));
            for (int part = 1; part <= parts.size(); part++) {
                for (Structure structure : Structure.of(parts.get(part - 1), labels)) {
                    start(table, structure.value(), part, frame);
                    table.addValue(
                            "Objects",
                            numbers.isEmpty()
                                    ? structure.components()
                                    : objects(numbers.get(part - 1), true).size());
                    addSize(table, structure.voxels());
                    table.addValue("Confidence", found.confidence().orElse(Double.NaN));
                }
            }
        }
        table.show(RESULTS);
    }

    /**
     * Adds rows to Objects: one for each object, with its centre.
     *
     * @param numbered whether the values number objects; otherwise each connected component of a label is one
     */
    void addObjects(List<LabelMap> frames, boolean numbered) {
        var window = WindowManager.getFrame(OBJECTS) instanceof TextWindow open ? open : null;
        ResultsTable table =
                window == null || window.getResultsTable() == null ? new ResultsTable() : window.getResultsTable();
        Calibration calibration = image.getCalibration();
        for (int frame = 1; frame <= frames.size(); frame++) {
            List<LabelMap> parts = parts(frames.get(frame - 1));
            for (int part = 1; part <= parts.size(); part++) {
                int number = 0;
                for (Piece piece : objects(parts.get(part - 1), numbered).values()) {
                    start(table, numbered ? labels.valueOf(1) : piece.label, part, frame);
                    number = numbered ? piece.label : number + 1;
                    table.addValue("Object", number);
                    addSize(table, piece.voxels);
                    // Centres of pixels lie half a pixel from their corners, as ImageJ's centroids do.
                    table.addValue("X", calibration.getX(piece.centre(0) + 0.5));
                    table.addValue("Y", calibration.getY(piece.centre(1) + 0.5, image.getHeight()));
                    if (axes == 3) {
                        table.addValue("Z", calibration.getZ(piece.centre(2) + 0.5));
                    }
                }
            }
        }
        table.show(OBJECTS);
    }

    private void start(ResultsTable table, int label, int part, int frame) {
        table.incrementCounter();
        table.addLabel(image.getTitle());
        table.addValue("Class", labels.nameOf(labels.classOf(label)));
        table.addValue("Value", label);
        if (axes == 2 && image.getNSlices() > 1) {
            table.addValue("Slice", part);
        }
        if (image.getNFrames() > 1) {
            table.addValue("Frame", frame);
        }
    }

    private void addSize(ResultsTable table, long voxels) {
        table.addValue(axes == 2 ? "Pixels" : "Voxels", (double) voxels);
        table.addValue(axes == 2 ? "Area" : "Volume", voxels * lengths.voxel(axes));
        table.addValue("Unit", lengths.unit(axes));
        // As many decimals as show a hundredth of a voxel.
        int decimals = (int) Math.ceil(2 - Math.log10(lengths.voxel(axes)));
        table.setDecimalPlaces(table.getColumnIndex(axes == 2 ? "Area" : "Volume"), Math.max(3, Math.min(9, decimals)));
    }

    /** The planes of a 2D model's frame, the volume of a 3D model's. */
    private List<LabelMap> parts(LabelMap frame) {
        if (axes == 3 || image.getNSlices() == 1) {
            return List.of(frame);
        }
        return Planes.of(frame);
    }

    /** The objects by their numbers, or the components by their first voxels. */
    private static Map<Integer, Piece> objects(LabelMap map, boolean numbered) {
        Map<Integer, Piece> pieces = new LinkedHashMap<>();
        Components components = numbered ? null : Components.ofEachLabel(map);
        Grid grid = map.grid();
        for (int i = 0; i < map.voxels().length; i++) {
            int label = map.label(i);
            if (label > 0) {
                int which = components == null ? label : components.at(i);
                Piece piece = pieces.computeIfAbsent(which, first -> new Piece(label));
                piece.add(i % grid.size(0), i / grid.size(0) % grid.size(1), i / grid.size(0) / grid.size(1));
            }
        }
        return pieces;
    }

    private static final class Piece {
        private final int label;
        private final double[] sums = new double[3];
        private long voxels;

        Piece(int label) {
            this.label = label;
        }

        void add(int x, int y, int z) {
            voxels++;
            sums[0] += x;
            sums[1] += y;
            sums[2] += z;
        }

        double centre(int axis) {
            return sums[axis] / voxels;
        }
    }
}
