package org.attunet.objects;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.jspecify.annotations.Nullable;

/** What {@link ObjectMeasures} need of every object, summed in one pass over the voxels; arrays are by the objects' places. */
final class ObjectSums {
    private final Grid grid;
    private final ObjectNumbers found;
    private final double[] boundary;
    private final int[] voxels;
    private final double[][] position; // by axis: the sum of indices
    private final int[][] low;
    private final int[][] high;
    private final double[][] intensity; // by channel

    ObjectSums(ObjectMap objects, @Nullable Image image) {
        grid = objects.grid();
        if (image != null && !Arrays.equals(image.grid().size(), grid.size())) {
            throw new AttunetException(
                    "objects",
                    "the image has " + image.grid(),
                    "the objects' grid, " + grid,
                    "measure the objects in the image that they were drawn or found on");
        }
        found = ObjectNumbers.of(objects);
        boundary = Boundary.of(objects, found);
        voxels = found.voxels(objects);
        float[][] channels = image == null ? new float[0][] : image.channels();
        position = new double[3][found.count()];
        low = new int[3][found.count()];
        high = new int[3][found.count()];
        for (int[] axis : low) {
            Arrays.fill(axis, Integer.MAX_VALUE);
        }
        intensity = new double[channels.length][found.count()];
        sum(objects.numbers(), channels);
    }

    private void sum(int[] numbers, float[][] channels) {
        int place = 0;
        for (int i = 0; i < numbers.length; i++) {
            Interruption.check(i);
            if (numbers[i] != 0) {
                place = i > 0 && numbers[i] == numbers[i - 1] ? place : found.place(numbers[i]);
                int rest = i;
                for (int axis = 0; axis < 3; axis++) {
                    int index = rest % grid.size(axis);
                    rest /= grid.size(axis);
                    position[axis][place] += index;
                    low[axis][place] = Math.min(low[axis][place], index);
                    high[axis][place] = Math.max(high[axis][place], index + 1);
                }
                for (int c = 0; c < channels.length; c++) {
                    intensity[c][place] += channels[c][i];
                }
            }
        }
    }

    List<ObjectMeasures> measures(double @Nullable [] confidence) {
        int dimension = grid.dimension();
        double unit = Math.pow(grid.unit().fromMillimetres(1), dimension - 1);
        List<ObjectMeasures> measures = new ArrayList<>();
        for (int place = 0; place < voxels.length; place++) {
            List<Double> centroid = new ArrayList<>();
            List<Integer> from = new ArrayList<>();
            List<Integer> to = new ArrayList<>();
            for (int axis = 0; axis < dimension; axis++) {
                centroid.add(position[axis][place] / voxels[place]);
                from.add(low[axis][place]);
                to.add(high[axis][place]);
            }
            List<Double> means = new ArrayList<>();
            for (double[] sums : intensity) {
                means.add(sums[place] / voxels[place]);
            }
            measures.add(new ObjectMeasures(
                    grid,
                    found.number(place),
                    voxels[place],
                    new ObjectMeasures.Place(centroid, from, to),
                    boundary[place] * unit,
                    means,
                    confidence == null ? null : (Double) confidence[place]));
        }
        return measures;
    }
}
