package org.attunet.dataset;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.attunet.image.Components;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.Images;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;

/**
 * The properties of a data set that a plan follows from: sizes and spacings, intensities inside the labels, volumes of the
 * labels. Voxels without a judgement count nowhere.
 *
 * @param name the data set's
 * @param channelNames one for each channel
 * @param labels what the masks hold
 * @param oriented whether the files hold the body's orientation, as NIfTI does and photographs don't
 * @param grids of the images, in canonical orientation if they are oriented; one for each case, at least one
 * @param foreground the intensities of labelled voxels, one for each channel
 * @param structures one for each label, in the labels' order; of labels that may overlap, one for each part
 * @param pieces the connected components of the labels
 * @param oneSided the share of the cases, 0 to 1, whose labels lean to the same side along x; 0 if the files hold no
 *     orientation or fewer than 20 cases are known
 */
public record Fingerprint(
        String name,
        List<String> channelNames,
        LabelSet labels,
        boolean oriented,
        List<Grid> grids,
        List<Intensity> foreground,
        List<Structure> structures,
        Pieces pieces,
        double oneSided) {
    /** Labelled voxels that are kept of each channel, over all cases: enough for a percentile. */
    private static final int MOST_SAMPLES = 1 << 22;

    private static final int MOST_SAMPLES_OF_A_CASE = 10_000;

    /**
     * The intensities of a channel inside the labels, in the image's own unit.
     *
     * @param mean over the sampled voxels
     * @param std their standard deviation, 0 or more
     * @param low the percentile 0.5
     * @param high the percentile 99.5
     * @param samples the number of voxels; 0 if no case has a label, and all values are 0 then
     */
    public record Intensity(double mean, double std, double low, double high, long samples) {
        /** Sorts the values. */
        static Intensity of(float[] sorted) {
            if (sorted.length == 0) {
                return new Intensity(0, 0, 0, 0, 0);
            }
            Arrays.sort(sorted);
            double mean = 0;
            for (float v : sorted) {
                mean += v;
            }
            mean /= sorted.length;
            double squares = 0;
            for (float v : sorted) {
                squares += (v - mean) * (v - mean);
            }
            return new Intensity(
                    mean,
                    Math.sqrt(squares / sorted.length),
                    percentile(sorted, 0.5),
                    percentile(sorted, 99.5),
                    sorted.length);
        }

        /** Interpolates between ranks, as NumPy does. */
        private static double percentile(float[] sorted, double percent) {
            double at = percent / 100 * (sorted.length - 1);
            int below = (int) at;
            int above = Math.min(below + 1, sorted.length - 1);
            return sorted[below] + (at - below) * ((double) sorted[above] - sorted[below]);
        }
    }

    /**
     * A label's volume.
     *
     * @param name the label's
     * @param voxels of all cases together
     * @param share of all judged voxels, 0 to 1
     * @param cases that have it
     * @param smallest the fewest voxels in a case that has it; 0 if none has it
     * @param breadth how broad its areas are in the median picture that has it, in mm or, without a physical size, in
     *     pixels: 4 times the area by the outline; 0 in volumes
     */
    public record Structure(String name, long voxels, double share, int cases, long smallest, double breadth) {}

    /**
     * The connected components of all labels together.
     *
     * @param count in the median case; 0 if no case has a label. Those of a case of which less than half is judged count as one
     * @param length of the median component of all cases in mm, along the longest side of its box
     */
    public record Pieces(int count, double length) {
        private static Pieces of(List<Part> parts) {
            double[] counts = parts.stream()
                    .mapToDouble(part -> part.lengths().length)
                    .sorted()
                    .toArray();
            double[] lengths = parts.stream()
                    .flatMapToDouble(part -> Arrays.stream(part.lengths()))
                    .sorted()
                    .toArray();
            return new Pieces(
                    counts.length == 0 ? 0 : (int) counts[counts.length / 2],
                    lengths.length == 0 ? 0 : lengths[lengths.length / 2]);
        }
    }

    /** Copies the lists. */
    public Fingerprint {
        channelNames = List.copyOf(channelNames);
        grids = List.copyOf(grids);
        foreground = List.copyOf(foreground);
        structures = List.copyOf(structures);
    }

    /** The contribution of one case. */
    private record Part(
            Grid grid, long[] voxels, float[][] samples, double[] lengths, double[] leaning, double[] breadths) {}

    /** The fingerprint of all cases. */
    public static Fingerprint of(DataSet data) {
        return of(data, data.cases(), ProgressListener.NONE);
    }

    /**
     * Reads cases once, on all cores, one case in memory for each core. The same cases give the same fingerprint.
     *
     * @param cases of the data set, at least one
     * @param progress counts the cases
     * @throws org.attunet.error.AttunetException if a case is unreadable or its mask doesn't fit
     */
    public static Fingerprint of(DataSet data, List<Case> cases, ProgressListener progress) {
        boolean oriented = cases.stream().allMatch(one -> Images.isScan(one.firstFile()));
        var orientation =
                Preprocessing.of(data.channels(), new Normalisation.ZScore()).withCanonicalOrientation(oriented);
        int most = Math.max(16, Math.min(MOST_SAMPLES_OF_A_CASE, MOST_SAMPLES / cases.size()));
        List<Part> parts = Parallel.map(cases.size(), progress, i -> {
            Case.Pair pair = cases.get(i).read(data.labels());
            LabelMap turned = orientation.prepareLabels(pair.labels());
            return part(turned, pair, data, most);
        });
        return new Fingerprint(
                data.name(),
                data.channelNames(),
                data.labels(),
                oriented,
                parts.stream().map(Part::grid).toList(),
                intensities(parts, data.channels()),
                structures(parts, data.labels().parts()),
                Pieces.of(parts),
                oriented ? Laterality.share(parts.stream().map(Part::leaning).toList()) : 0);
    }

    /** @param turned the labels in canonical orientation if the images are oriented */
    private static Part part(LabelMap turned, Case.Pair pair, DataSet data, int most) {
        LabelSet labels = data.labels().parts();
        LabelMap mask = pair.labels();
        int[] classOfValue = new int[65536];
        labels.values().forEach(value -> classOfValue[value] = labels.classOf(value));
        long[] voxels = new long[labels.classes()];
        for (int i = 0; i < mask.voxels().length; i++) {
            voxels[classOfValue[mask.label(i)]] += mask.isJudged(i) ? 1 : 0;
        }
        long labelled = Arrays.stream(voxels).skip(1).sum();
        int kept = (int) Math.min(labelled, most);
        float[][] samples = new float[data.channels()][kept];
        long seen = 0;
        for (int i = 0; i < mask.voxels().length && kept > 0; i++) {
            if (classOfValue[mask.label(i)] > 0) {
                // spread evenly over the labelled voxels
                int slot = (int) (seen++ * kept / labelled);
                for (int c = 0; c < samples.length; c++) {
                    samples[c][slot] = channel(pair.image(), c)[i];
                }
            }
        }
        // Fewer judged voxels cut structures into pieces.
        boolean whole = mask.judged() >= mask.voxels().length / 2;
        double[] lengths =
                whole ? Components.of(mask, value -> classOfValue[value] > 0).lengths() : extent(mask, classOfValue);
        double[] leaning = Laterality.of(turned, classOfValue, labels.classes());
        double[] breadths = whole ? Breadth.of(mask, classOfValue, labels.classes()) : new double[labels.classes()];
        return new Part(turned.grid(), voxels, samples, lengths, leaning, breadths);
    }

    /** The longest side of the box of all labelled voxels in mm, as of one component; nothing if there is none. */
    private static double[] extent(LabelMap mask, int[] classOfValue) {
        Grid grid = mask.grid();
        int[] low = {Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE};
        int[] high = new int[3];
        for (int i = 0; i < mask.voxels().length; i++) {
            if (classOfValue[mask.label(i)] > 0) {
                int rest = i;
                for (int axis = 0; axis < 3; axis++) {
                    low[axis] = Math.min(low[axis], rest % grid.size(axis));
                    high[axis] = Math.max(high[axis], rest % grid.size(axis) + 1);
                    rest /= grid.size(axis);
                }
            }
        }
        double longest = 0;
        for (int axis = 0; axis < grid.dimension() && high[axis] > 0; axis++) {
            longest = Math.max(longest, (high[axis] - low[axis]) * grid.spacing(axis));
        }
        return longest == 0 ? new double[0] : new double[] {longest};
    }

    /** A channel; of grey images in a data set of coloured ones, the only one. */
    private static float[] channel(Image image, int channel) {
        return image.channel(Math.min(channel, image.channels().length - 1));
    }

    private static List<Intensity> intensities(List<Part> parts, int channels) {
        List<Intensity> intensities = new ArrayList<>();
        int total = parts.stream().mapToInt(part -> part.samples()[0].length).sum();
        for (int c = 0; c < channels; c++) {
            float[] all = new float[total];
            int at = 0;
            for (Part part : parts) {
                float[] some = part.samples()[c];
                System.arraycopy(some, 0, all, at, some.length);
                at += some.length;
            }
            intensities.add(Intensity.of(all));
        }
        return intensities;
    }

    private static List<Structure> structures(List<Part> parts, LabelSet labels) {
        double all = parts.stream()
                .mapToDouble(part -> Arrays.stream(part.voxels()).sum())
                .sum();
        List<Structure> structures = new ArrayList<>();
        for (int k = 1; k < labels.classes(); k++) {
            int index = k;
            long[] present = parts.stream()
                    .mapToLong(part -> part.voxels()[index])
                    .filter(n -> n > 0)
                    .toArray();
            long sum = Arrays.stream(present).sum();
            structures.add(new Structure(
                    labels.nameOf(k),
                    sum,
                    sum / all,
                    present.length,
                    Arrays.stream(present).min().orElse(0),
                    breadth(parts, index)));
        }
        return structures;
    }

    private static double breadth(List<Part> parts, int index) {
        double[] present = parts.stream()
                .mapToDouble(part -> part.breadths()[index])
                .filter(breadth -> breadth > 0)
                .sorted()
                .toArray();
        return present.length == 0 ? 0 : present[present.length / 2];
    }

    /** Whether objects are told apart: the labels are their levels of depth. */
    public boolean hasObjects() {
        return labels.equals(Mask.OBJECT_LABELS);
    }

    /** 2 or 3. */
    public int dimension() {
        return grids.get(0).dimension();
    }

    /** The number of cases. */
    public int cases() {
        return grids.size();
    }

    /** The spacings along an axis in mm, ascending. */
    public double[] spacings(int axis) {
        return grids.stream().mapToDouble(grid -> grid.spacing(axis)).sorted().toArray();
    }

    /** The sizes along an axis in voxels, ascending. */
    public double[] sizes(int axis) {
        return grids.stream().mapToDouble(grid -> grid.size(axis)).sorted().toArray();
    }

    /** The share of voxels, 0 to 1, that have a label. */
    public double labelled() {
        return structures.stream().mapToDouble(Structure::share).sum();
    }
}
