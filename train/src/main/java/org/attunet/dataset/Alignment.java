package org.attunet.dataset;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;

/**
 * How well the outlines of one case's mask fit the edges of its image, with the mask in place, shifted and mirrored.
 *
 * <p>The fit is the mean derivative of the image along the outline's normal, without its sign, over the image's mean
 * gradient; for each label, weighted by outline. Edges of other structures cross the normals at all angles and cancel, so
 * that the fit peaks where shape and edge agree. Gradients are capped, so that a few bright edges don't decide. A single
 * case means little; {@link #verdict} weighs many.
 *
 * @param places the displacements tried; the first is none
 * @param values the signed fits of each label, one for each place; NaN if the outlines leave the image
 * @param factor voxels of the image for each step of a shift
 */
record Alignment(List<Place> places, Map<Integer, double[]> values, int[] factor) {
    private static final int MOST_2D = 640; // voxels along an axis on which shifts are tried
    private static final int MOST_3D = 160;
    private static final int MOST_POINTS = 600;
    private static final int FEWEST_POINTS = 40;
    private static final int FEWEST_CASES = 20;
    private static final int FARTHEST = 8;
    private static final int NEAR = 2; // voxels; outlines are often drawn beside an edge instead of on it
    private static final double CAP = 4; // mean gradients

    // The best distant place of correct masks fits at most 1.04 times as well as their own in two real sets and, for
    // targets of a few voxels, 1.46 times in 60% of the cases; that of phantoms shifted by 4 voxels mostly 1.3 times or
    // more in 65% of the cases or more.
    private static final double MORE = 1.25;
    private static final double SHARE = 0.65;
    private static final double DEVIATIONS = 2.5;

    /**
     * A shift of the mask, or a mirroring along one axis.
     *
     * @param mirrored the axis, or -1 for a shift
     */
    record Place(int dx, int dy, int dz, int mirrored) {
        boolean near() {
            return mirrored < 0 && Math.max(Math.abs(dx), Math.max(Math.abs(dy), Math.abs(dz))) <= NEAR;
        }
    }

    /** Measures a case; empty if its outlines have too few voxels. */
    static Optional<Alignment> of(Image image, LabelMap mask) {
        int dimension = image.grid().dimension();
        int[] size = {image.grid().size(0), image.grid().size(1), image.grid().size(2)};
        int[] factor = new int[3];
        int[] small = new int[3];
        for (int axis = 0; axis < 3; axis++) {
            int most = dimension == 2 ? MOST_2D : MOST_3D;
            factor[axis] = (size[axis] + most - 1) / most;
            small[axis] = Math.max(1, size[axis] / factor[axis]);
        }
        List<Point> outline = outline(mask, size, small, factor);
        if (outline.size() < FEWEST_POINTS) {
            return Optional.empty();
        }
        float[][] gradient = gradient(shrunk(image, size, small, factor), small);
        List<Place> places = places(dimension);
        Map<Integer, double[]> values = new TreeMap<>();
        outline.forEach(point -> values.computeIfAbsent(point.label, label -> new double[places.size()]));
        for (int k = 0; k < places.size(); k++) {
            fit(gradient, small, outline, places.get(k), k, values);
        }
        return Optional.of(new Alignment(places, values, factor));
    }

    /**
     * Returns a warning if the masks of a data set fit their images far better at one distant place, in most cases and by
     * more than chance. The reference is the best place within 2 voxels; the shift reported leads to the best place of all.
     */
    static Optional<String> verdict(List<Alignment> cases) {
        if (cases.size() < FEWEST_CASES) {
            return Optional.empty();
        }
        List<Place> places = cases.get(0).places;
        double[][] fits = new double[places.size()][];
        int own = 0;
        for (int k = 0; k < fits.length; k++) {
            fits[k] = fits(cases, k);
            own = places.get(k).near() && mean(fits[k]) > mean(fits[own]) ? k : own;
        }
        int best = -1;
        double most = 0;
        for (int k = 0; k < fits.length; k++) {
            double gain = places.get(k).near() ? 0 : gain(fits[k], fits[own]);
            if (gain > most) {
                most = gain;
                best = k;
            }
        }
        return best < 0 ? Optional.empty() : Optional.of(sentence(places.get(best), cases));
    }

    /** Each case's fit at a place: the sum over its labels, positive if a label has the sign of most cases. */
    private static double[] fits(List<Alignment> cases, int place) {
        Map<Integer, Double> sums = new TreeMap<>();
        for (Alignment one : cases) {
            one.values.forEach((label, values) -> {
                if (!Double.isNaN(values[place])) {
                    sums.merge(label, values[place], Double::sum);
                }
            });
        }
        return cases.stream()
                .mapToDouble(one -> one.values.entrySet().stream()
                        .mapToDouble(
                                label -> Math.signum(sums.getOrDefault(label.getKey(), 0.0)) * label.getValue()[place])
                        .sum())
                .toArray();
    }

    private static double mean(double[] values) {
        return Arrays.stream(values)
                .filter(value -> !Double.isNaN(value))
                .average()
                .orElse(0);
    }

    /** The ratio of the mean fits at a place and at the masks' own; 0 if it isn't significant. */
    private static double gain(double[] there, double[] here) {
        double sum = 0;
        double squares = 0;
        double own = 0;
        int n = 0;
        int better = 0;
        for (int i = 0; i < there.length; i++) {
            double difference = there[i] - here[i];
            if (!Double.isNaN(difference)) {
                n++;
                sum += difference;
                squares += difference * difference;
                own += here[i];
                better += difference > 0 ? 1 : 0;
            }
        }
        if (n < FEWEST_CASES || n < there.length / 2) {
            return 0;
        }
        double mean = sum / n;
        double error = Math.sqrt(Math.max(1e-12, squares / n - mean * mean) / n);
        double ratio = 1 + sum / Math.max(1e-12, own);
        return mean > DEVIATIONS * error && better >= SHARE * n && ratio > MORE ? ratio : 0;
    }

    private static String sentence(Place place, List<Alignment> cases) {
        String remedy = " (by the edges of " + cases.size()
                + " cases). Look at a few in a viewer, and export the masks again on the images' own grids.";
        if (place.mirrored >= 0) {
            return "the masks look mirrored against their images along the axis " + "xyz".charAt(place.mirrored)
                    + remedy;
        }
        int[] factor = cases.get(0).factor;
        return "the masks look shifted against their images, by about " + place.dx * factor[0] + ", "
                + place.dy * factor[1] + (place.dz == 0 ? "" : ", " + place.dz * factor[2])
                + " voxels to where they fit"
                + remedy;
    }

    private static List<Place> places(int dimension) {
        List<Place> places = new ArrayList<>();
        places.add(new Place(0, 0, 0, -1));
        int step = dimension == 2 ? 1 : 2;
        for (int z = dimension == 2 ? 0 : -FARTHEST; z <= (dimension == 2 ? 0 : FARTHEST); z += step) {
            for (int y = -FARTHEST; y <= FARTHEST; y += step) {
                for (int x = -FARTHEST; x <= FARTHEST; x += step) {
                    if (x != 0 || y != 0 || z != 0) {
                        places.add(new Place(x, y, z, -1));
                    }
                }
            }
        }
        for (int axis = 0; axis < dimension; axis++) {
            places.add(new Place(0, 0, 0, axis));
        }
        return places;
    }

    /** Sets the fit of each label at a place; NaN if half of all outlines leave the image. */
    private static void fit(
            float[][] gradient,
            int[] size,
            List<Point> outline,
            Place place,
            int number,
            Map<Integer, double[]> values) {
        int n = 0;
        for (Point point : outline) {
            int x = (place.mirrored == 0 ? size[0] - 1 - point.x : point.x) + place.dx;
            int y = (place.mirrored == 1 ? size[1] - 1 - point.y : point.y) + place.dy;
            int z = (place.mirrored == 2 ? size[2] - 1 - point.z : point.z) + place.dz;
            if (x >= 0 && y >= 0 && z >= 0 && x < size[0] && y < size[1] && z < size[2]) {
                int i = (z * size[1] + y) * size[0] + x;
                double along = 0;
                for (int axis = 0; axis < 3; axis++) {
                    along += (place.mirrored == axis ? -1 : 1) * point.normal[axis] * gradient[axis][i];
                }
                Objects.requireNonNull(values.get(point.label))[number] += along;
                n++;
            }
        }
        for (double[] label : values.values()) {
            label[number] = n < outline.size() / 2 ? Double.NaN : label[number] / n;
        }
    }

    /** A voxel of a structure's rim with the unit vector out of the structure. */
    @SuppressWarnings("ArrayRecordComponent") // lives within a method
    private record Point(int x, int y, int z, int label, double[] normal) {}

    /** The rims of all labels in the small grid; at most {@code MOST_POINTS} voxels, evenly drawn. */
    private static List<Point> outline(LabelMap mask, int[] size, int[] small, int[] factor) {
        List<Point> points = new ArrayList<>();
        for (int z = 0; z < small[2]; z++) {
            for (int y = 1; y < small[1] - 1; y++) {
                for (int x = 1; x < small[0] - 1; x++) {
                    int own = at(mask, size, factor, x, y, z);
                    own = own == mask.ignored() ? 0 : own;
                    double nx = 0;
                    double ny = 0;
                    double nz = 0;
                    int reach = own == 0 ? -1 : z == 0 || z == small[2] - 1 ? 0 : 1;
                    for (int dz = -reach; dz <= reach; dz++) {
                        for (int dy = -1; dy <= 1; dy++) {
                            for (int dx = -1; dx <= 1; dx++) {
                                int other = at(mask, size, factor, x + dx, y + dy, z + dz);
                                if (other != own && other != mask.ignored()) {
                                    nx += dx;
                                    ny += dy;
                                    nz += dz;
                                }
                            }
                        }
                    }
                    double length = Math.sqrt(nx * nx + ny * ny + nz * nz);
                    if (length > 0) {
                        points.add(new Point(x, y, z, own, new double[] {nx / length, ny / length, nz / length}));
                    }
                }
            }
        }
        int every = Math.max(1, (points.size() + MOST_POINTS - 1) / MOST_POINTS);
        return IntStream.iterate(0, i -> i < points.size(), i -> i + every)
                .mapToObj(points::get)
                .toList();
    }

    private static int at(LabelMap mask, int[] size, int[] factor, int x, int y, int z) {
        int index = ((z * factor[2] + factor[2] / 2) * size[1] + y * factor[1] + factor[1] / 2) * size[0]
                + x * factor[0]
                + factor[0] / 2;
        return mask.label(index);
    }

    /** The mean of the channels, averaged over boxes. */
    static float[] shrunk(Image image, int[] size, int[] small, int[] factor) {
        float[] out = new float[small[0] * small[1] * small[2]];
        for (float[] channel : image.channels()) {
            for (int z = 0; z < small[2] * factor[2]; z++) {
                for (int y = 0; y < small[1] * factor[1]; y++) {
                    int row = ((z / factor[2]) * small[1] + y / factor[1]) * small[0];
                    int from = (z * size[1] + y) * size[0];
                    for (int x = 0; x < small[0] * factor[0]; x++) {
                        out[row + x / factor[0]] += channel[from + x];
                    }
                }
            }
        }
        return out;
    }

    /** The gradient along each axis, divided by its mean magnitude and capped. */
    private static float[][] gradient(float[] values, int[] size) {
        float[][] out = new float[3][values.length];
        double sum = 0;
        for (int z = 0; z < size[2]; z++) {
            for (int y = 0; y < size[1]; y++) {
                for (int x = 0; x < size[0]; x++) {
                    int i = (z * size[1] + y) * size[0] + x;
                    for (int axis = 0; axis < 3; axis++) {
                        out[axis][i] = (float) difference(values, size, x, y, z, axis);
                    }
                    sum += length(out, i);
                }
            }
        }
        double mean = Math.max(1e-30, sum / values.length);
        for (int i = 0; i < values.length; i++) {
            double factor = Math.min(1 / mean, CAP / Math.max(1e-30, length(out, i)));
            for (float[] axis : out) {
                axis[i] = (float) (axis[i] * factor);
            }
        }
        return out;
    }

    private static double length(float[][] vectors, int i) {
        return Math.sqrt((double) vectors[0][i] * vectors[0][i]
                + (double) vectors[1][i] * vectors[1][i]
                + (double) vectors[2][i] * vectors[2][i]);
    }

    private static double difference(float[] values, int[] size, int x, int y, int z, int axis) {
        int[] low = {x, y, z};
        int[] high = low.clone();
        low[axis] = Math.max(0, low[axis] - 1);
        high[axis] = Math.min(size[axis] - 1, high[axis] + 1);
        return values[(high[2] * size[1] + high[1]) * size[0] + high[0]]
                - values[(low[2] * size[1] + low[1]) * size[0] + low[0]];
    }
}
