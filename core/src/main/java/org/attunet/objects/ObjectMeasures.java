package org.attunet.objects;

import java.util.ArrayList;
import java.util.List;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.jspecify.annotations.Nullable;

/**
 * One object, measured. Lengths, areas and volumes are in the unit of the image's file ({@link Grid#unit}), in pixels without
 * a physical size.
 *
 * @param grid the objects' grid
 * @param number the object's number in the map
 * @param voxels how many voxels it has
 * @param place where it is
 * @param boundary the length of its outline (2D) or the area of its surface (3D) in {@link Grid#unit}, by Crofton's formula
 *     over 4 or 13 directions (scikit-image's {@code perimeter_crofton}); the image's edge is part of it
 * @param intensity the mean over its voxels of each channel of the image; empty without an image
 * @param confidence the mean probability of the foreground over its voxels, 0 to 1; null if it isn't known
 */
public record ObjectMeasures(
        Grid grid,
        int number,
        int voxels,
        Place place,
        double boundary,
        List<Double> intensity,
        @Nullable Double confidence) {
    /**
     * Where an object is, in voxels of the grid, x first.
     *
     * @param centroid the mean of its voxels' indices; 0 is the centre of the first voxel
     * @param low the first voxel of its bounding box on each axis
     * @param high the voxel after the last one of its bounding box on each axis
     */
    public record Place(List<Double> centroid, List<Integer> low, List<Integer> high) {
        /**
         * Copies the lists.
         *
         * @param centroid the mean of its voxels' indices; 0 is the centre of the first voxel
         * @param low the first voxel of its bounding box on each axis
         * @param high the voxel after the last one of its bounding box on each axis
         */
        public Place {
            centroid = List.copyOf(centroid);
            low = List.copyOf(low);
            high = List.copyOf(high);
        }
    }

    /**
     * Copies the list.
     *
     * @param grid the objects' grid
     * @param number the object's number in the map
     * @param voxels how many voxels it has
     * @param place where it is
     * @param boundary the length of its outline (2D) or the area of its surface (3D) in {@link Grid#unit}
     * @param intensity the mean over its voxels of each channel of the image; empty without an image
     * @param confidence the mean probability of the foreground over its voxels, 0 to 1; null if it isn't known
     */
    public ObjectMeasures {
        intensity = List.copyOf(intensity);
    }

    /**
     * Measures all objects of a map.
     *
     * @param objects the objects
     * @param image the image that they are in; null if there is none
     * @return in the order of their numbers
     * @throws AttunetException if the image has another size
     */
    public static List<ObjectMeasures> of(ObjectMap objects, @Nullable Image image) {
        return new ObjectSums(objects, image).measures(null);
    }

    /**
     * Measures objects that were found in a network's output.
     *
     * @param objects the objects
     * @param image the image that they are in
     * @return in the order of their numbers
     * @throws AttunetException if the image has another size
     */
    public static List<ObjectMeasures> of(FoundObjects objects, Image image) {
        return new ObjectSums(objects.map(), image).measures(objects.confidence());
    }

    /** {@return the area (2D) or volume (3D) in {@link #sizeUnit}} */
    public double size() {
        double size = voxels;
        for (double spacing : spacing()) {
            size *= spacing;
        }
        return size;
    }

    /** {@return the unit of the size, such as {@code µm²} or {@code mm³}} */
    public String sizeUnit() {
        return grid.unit().symbol() + (grid.dimension() == 3 ? "³" : "²");
    }

    /** {@return the centroid in the unit, from the centre of the image's first voxel along the image's axes} */
    public List<Double> centroid() {
        List<Double> centroid = new ArrayList<>();
        List<Double> spacing = spacing();
        for (int axis = 0; axis < spacing.size(); axis++) {
            centroid.add(place.centroid.get(axis) * spacing.get(axis));
        }
        return centroid;
    }

    /** {@return the diameter of the circle of the same area or the ball of the same volume, in the unit} */
    public double equivalentDiameter() {
        return grid.dimension() == 3 ? Math.cbrt(6 * size() / Math.PI) : Math.sqrt(4 * size() / Math.PI);
    }

    /**
     * {@return how round it is, from 0 to 1 for a circle or ball: in 2D the circularity 4 pi area / outline^2, in 3D the
     * sphericity pi^(1/3) (6 volume)^(2/3) / surface} Objects of a few voxels would exceed 1 and have 1.
     */
    public double roundness() {
        double size = size();
        double ratio = grid.dimension() == 3
                ? Math.cbrt(Math.PI * 36 * size * size) / boundary
                : 4 * Math.PI * size / (boundary * boundary);
        return Math.min(1, ratio);
    }

    private List<Double> spacing() {
        List<Double> spacing = new ArrayList<>();
        for (double length : grid.spacing()) {
            spacing.add(grid.unit().fromMillimetres(length));
        }
        return spacing;
    }
}
