package org.attunet.dataset;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.Images;
import org.jspecify.annotations.Nullable;

/**
 * What the headers of all cases have in common.
 *
 * @param dimension 2 or 3
 * @param notes sentences about doubtful geometry
 */
record HeaderCheck(int dimension, List<String> notes) {
    private static final int MOST_LABELS = 255;
    private static final double AFFINE_TOLERANCE = 1e-2;

    private record Grids(Grid image, Grid mask) {}

    /**
     * Reads every header.
     *
     * @throws AttunetException if the channels of a case lie on different grids, a mask has another size than its image,
     *     or 2D and 3D are mixed
     */
    static HeaderCheck of(List<Case> cases) {
        List<Grids> grids = Parallel.map(cases.size(), ProgressListener.NONE, i -> {
            Case one = cases.get(i);
            Grids read = new Grids(one.image().readGrid(), Images.readGrid(one.mask()));
            one.requireSize(read.mask, read.image);
            return read;
        });
        int dimension = grids.get(0).image.dimension();
        List<String> elsewhere = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            Grids read = grids.get(i);
            if (read.image.dimension() != dimension) {
                throw new AttunetException(
                        cases.get(i).firstFile(),
                        "it has " + read.image.dimension() + " dimensions",
                        dimension + " as in " + cases.get(0).firstFile(),
                        "keep 2D images and 3D volumes in separate data sets");
            }
            // photographs carry no physical size, and masks drawn on them often another resolution tag
            if (dimension == 3 && !read.mask.sameAs(read.image, AFFINE_TOLERANCE)) {
                elsewhere.add(cases.get(i).mask().getFileName().toString());
            }
        }
        List<String> notes = new ArrayList<>(
                SpacingCheck.notes(cases, grids.stream().map(Grids::image).toList()));
        if (!elsewhere.isEmpty()) {
            notes.add("the affines of image and mask differ in " + elsewhere.size() + " of " + cases.size()
                    + " cases, the image's is taken: " + CaseMatcher.some(elsewhere));
        }
        return new HeaderCheck(dimension, notes);
    }

    /** Collects the labels that the masks hold. A single value is called {@code foreground}, several {@code label V}. */
    static LabelSet labels(Path root, List<Case> cases, ProgressListener progress) {
        List<BitSet> found = Parallel.map(cases.size(), progress, i -> {
            BitSet values = valuesOf(Images.readLabels(cases.get(i).mask()));
            requireFew(cases.get(i).mask(), values);
            return values;
        });
        BitSet all = new BitSet();
        for (int i = 0; i < found.size(); i++) {
            all.or(found.get(i));
            requireFew(cases.get(i).mask(), all);
        }
        if (all.isEmpty()) {
            throw new AttunetException(
                    root,
                    "all " + cases.size() + " masks are empty",
                    "values above 0 where a structure is",
                    "check how the masks were exported");
        }
        Map<Integer, String> names = new TreeMap<>();
        boolean single = all.cardinality() == 1;
        all.stream().forEach(value -> names.put(value, single ? "foreground" : "label " + value));
        return LabelSet.of(names);
    }

    private static void requireFew(Path mask, BitSet values) {
        if (values.cardinality() > MOST_LABELS) {
            throw new AttunetException(
                    mask,
                    "with this mask there are " + values.cardinality() + " different values",
                    "at most " + MOST_LABELS + " labels",
                    "store masks without lossy compression or smoothing, one whole number for each structure");
        }
    }

    private static BitSet valuesOf(LabelMap map) {
        BitSet values = new BitSet();
        int last = 0;
        for (int i = 0; i < map.voxels().length; i++) {
            int value = map.label(i);
            if (value != last) {
                values.set(value);
                last = value;
            }
        }
        values.clear(0);
        return values;
    }

    /**
     * The channels' names: the declared ones if they fit the first image, else red, green, blue or channel numbers.
     *
     * @throws AttunetException if another number of channels is declared than the images have
     */
    static List<String> channelNames(List<Case> cases, @Nullable DatasetJson json) {
        int channels = 0;
        // some sets mix grey and colour photographs: grey can be shown as colour, not the reverse
        int step = Math.max(1, cases.size() / 8);
        boolean photographs = Images.readGrid(cases.get(0).firstFile()).dimension() == 2;
        for (int i = 0; i < (photographs ? cases.size() : 1); i += step) {
            channels = Math.max(channels, cases.get(i).image().read().channels().length);
        }
        if (json != null && !json.channelNames().isEmpty()) {
            if (json.channelNames().size() == channels) {
                return json.channelNames();
            }
            throw new AttunetException(
                    json.file(),
                    "it declares the channels " + String.join(", ", json.channelNames()),
                    channels + " as in " + cases.get(0).firstFile(),
                    "correct channel_names (or modality)");
        }
        if (channels == 3 && photographs) {
            return List.of("red", "green", "blue");
        }
        return channels == 1
                ? List.of("intensity")
                : IntStream.range(0, channels).mapToObj(k -> "channel " + k).toList();
    }
}
