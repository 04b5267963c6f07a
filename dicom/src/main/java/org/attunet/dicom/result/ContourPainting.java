package org.attunet.dicom.result;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.result.StructureSetFile.Region;
import org.attunet.dicom.series.Plane;
import org.attunet.dicom.series.Series;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;
import org.attunet.image.LabelMap;

/** Contours painted onto the slices of a series: each onto the slice in whose plane it lies. */
final class ContourPainting {
    /** How far a contour may lie from a slice, as a share of the distance between slices. */
    private static final double NEAR = 0.5 + 1e-3;

    /** How far planes of contours may lie apart to be one, as a share of the distance between slices. */
    private static final double SAME_PLANE = 0.1;

    private final DicomFile file;
    private final SliceStack stack;
    private final Map<Integer, Region> regions;
    private final Painting painting;
    private final Set<String> notes = new LinkedHashSet<>();
    private final double[] depths; // of the slices, along their normal
    private boolean between;
    private boolean dense;
    private int outside; // contours beyond the slices

    ContourPainting(DicomFile file, SliceStack stack, Map<Integer, Region> regions) {
        this.file = file;
        this.stack = stack;
        this.regions = regions;
        painting = new Painting(stack.grid().voxels());
        Plane first = stack.series().slices().get(0).plane();
        double[] normal = first.normal();
        depths = stack.series().slices().stream()
                .mapToDouble(slice -> along(slice.plane().position(), normal) - along(first.position(), normal))
                .toArray();
    }

    private static double along(double[] position, double[] normal) {
        return position[0] * normal[0] + position[1] * normal[1] + position[2] * normal[2];
    }

    /**
     * Paints contours.
     *
     * @param wanted the regions, by their places in the file
     * @throws AttunetException if one isn't in the plane of an image, or belongs to other images
     */
    void paint(List<Contour> contours, Set<Integer> wanted) {
        requireSameFrame(contours);
        Map<Integer, Map<Integer, List<Placed>>> placed = new TreeMap<>(); // by region, then by slice
        for (Contour contour : contours) {
            if (wanted.contains(contour.region())) {
                Placed own = placed(contour);
                if (own.off() > NEAR) {
                    outside++;
                } else {
                    placed.computeIfAbsent(contour.region(), region -> new TreeMap<>())
                            .computeIfAbsent(own.slice(), slice -> new ArrayList<>())
                            .add(own);
                }
            }
        }
        placed.forEach((region, slices) -> slices.forEach((slice, own) -> fill(region, slice, own)));
        if (outside > 0 && painting.painted() == 0) {
            throw new AttunetException(
                    file.path(),
                    "contours that all lie beyond the slices of the series",
                    "contours of the series",
                    "give the series that they were drawn on");
        }
    }

    /**
     * A contour and its slice.
     *
     * @param side how far it lies from the slice along the normal, as a share of the distance between slices
     */
    private record Placed(Contour contour, int slice, double side) {
        double off() {
            return Math.abs(side);
        }
    }

    /** Fills the contours of a region on a slice; of contours in several planes, those in the nearest. */
    private void fill(int region, int slice, List<Placed> contours) {
        Interruption.check();
        Placed nearest = Collections.min(contours, Comparator.comparingDouble(Placed::off));
        Plane plane = stack.series().slices().get(slice).plane();
        PolygonFill fill = new PolygonFill(plane.columns(), plane.rows());
        for (Placed own : contours) {
            if (Math.abs(own.side() - nearest.side()) <= SAME_PLANE) {
                fill.add(own.contour().pixels(plane));
            } else {
                dense = true;
            }
        }
        if (nearest.off() > SAME_PLANE) {
            between = true;
        }
        fill.pixels(i -> painting.paint(stack.rowStart(slice, i / plane.columns()) + i % plane.columns(), region));
    }

    private Placed placed(Contour contour) {
        Double depth = contour.depth(stack.series().slices().get(0).plane(), stack.gap());
        if (depth == null) {
            throw new AttunetException(
                    file.path(),
                    "a " + contour + " that isn't parallel to the images",
                    "contours in the planes of the images",
                    "give the series that they were drawn on");
        }
        int nearest = 0;
        for (int k = 1; k < depths.length; k++) {
            if (Math.abs(depths[k] - depth) < Math.abs(depths[nearest] - depth)) {
                nearest = k;
            }
        }
        return new Placed(contour, nearest, (depth - depths[nearest]) / stack.gap());
    }

    /** Contours of another frame of reference must name images of the series, for then they lie in its frame. */
    private void requireSameFrame(List<Contour> contours) {
        String own = stack.series().elements().text(ResultTag.FRAME_OF_REFERENCE_UID);
        Set<String> frames = new LinkedHashSet<>();
        for (DataSet item : file.elements().items(ContourTag.STRUCTURE_SET_ROI_SEQUENCE)) {
            frames.add(item.text(ContourTag.REFERENCED_FRAME_OF_REFERENCE_UID));
        }
        frames.remove("");
        if (own.isEmpty() || frames.isEmpty() || frames.contains(own)) {
            return;
        }
        if (!nameImages(contours, stack.series())) {
            throw new AttunetException(
                    file.path(),
                    "contours in another frame of reference that name no image of the series",
                    "contours of the series",
                    "give the series that they were drawn on");
        }
        notes.add("the contours' frame of reference isn't the series', but they name its images");
    }

    /** Whether one of the contours names an image of a series. */
    static boolean nameImages(List<Contour> contours, Series series) {
        Set<ImageReference> images = ImageReference.places(series).keySet();
        return contours.stream().anyMatch(contour -> images.contains(contour.image()));
    }

    List<String> notes() {
        List<String> all = new ArrayList<>(notes);
        if (between) {
            all.add("some contours lie between images; they were painted onto the nearest ones");
        }
        if (dense) {
            all.add("there are contours in more planes than images; those nearest to each image were taken");
        }
        if (outside > 0) {
            all.add(outside + (outside == 1 ? " contour lies" : " contours lie") + " beyond the slices and "
                    + (outside == 1 ? "is" : "are") + " left out");
        }
        all.addAll(painting.notes(place -> {
            Region region = regions.get(place);
            return region == null ? "region" : NamedStructures.described("region", region.number(), region.name());
        }));
        return all;
    }

    LabelMap labels(Map<Integer, Integer> values) {
        return stack.onGrid(painting.labels(values));
    }
}
