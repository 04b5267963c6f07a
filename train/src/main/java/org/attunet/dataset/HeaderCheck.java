package org.attunet.dataset;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.image.Sizes;
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

    private record Grids(Grid image, Grid mask) {}

    /** Reads every header; images and masks must agree in size, and all cases in dimension. */
    static HeaderCheck of(List<Case> cases) {
        List<Grids> grids = Parallel.map(cases.size(), ProgressListener.NONE, i -> {
            Case c = cases.get(i);
            Grids g = new Grids(Images.readGrid(c.images().get(0)), Images.readGrid(c.mask()));
            if (!Arrays.equals(g.image.size(), g.mask.size())) {
                throw c.sizesDiffer(Sizes.text(g.mask.size()), Sizes.text(g.image.size()));
            }
            return g;
        });
        int dimension = grids.get(0).image.dimension();
        List<String> elsewhere = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            Grids g = grids.get(i);
            if (g.image.dimension() != dimension) {
                throw new AttunetException(
                        cases.get(i).images().get(0),
                        "it has " + g.image.dimension() + " dimensions",
                        dimension + " as in " + cases.get(0).images().get(0),
                        "keep 2D images and 3D volumes in separate data sets");
            }
            // photographs carry no physical size, and masks drawn on them often another resolution tag
            if (dimension == 3 && !g.mask.sameAs(g.image, 1e-2)) {
                elsewhere.add(cases.get(i).mask().getFileName().toString());
            }
        }
        return new HeaderCheck(
                dimension,
                elsewhere.isEmpty()
                        ? List.of()
                        : List.of("the affines of image and mask differ in " + elsewhere.size() + " of " + cases.size()
                                + " cases, the image's is taken: " + CaseMatcher.some(elsewhere)));
    }

    /** The labels that the masks hold. One value alone is called {@code foreground}, several {@code label V}. */
    static LabelSet labels(Path root, List<Case> cases, ProgressListener progress) {
        List<BitSet> found = Parallel.map(cases.size(), progress, i -> {
            BitSet values = valuesOf(Images.readLabels(cases.get(i).mask()));
            if (values.cardinality() > MOST_LABELS) {
                throw tooMany(cases.get(i).mask(), values.cardinality());
            }
            return values;
        });
        BitSet all = new BitSet();
        for (int i = 0; i < found.size(); i++) {
            all.or(found.get(i));
            if (all.cardinality() > MOST_LABELS) {
                throw tooMany(cases.get(i).mask(), all.cardinality());
            }
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

    private static AttunetException tooMany(Path mask, int count) {
        return new AttunetException(
                mask,
                "with this mask there are " + count + " different values",
                "at most " + MOST_LABELS + " labels",
                "store masks without lossy compression or smoothing, one whole number for each structure");
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

    /** The declared names where they fit the first image, else red, green, blue or channel numbers. */
    static List<String> channelNames(List<Case> cases, @Nullable DatasetJson json) {
        int channels = 0;
        // grey and colour photographs are mixed in some sets: grey can be shown as colour, not the reverse
        int step = Math.max(1, cases.size() / 8);
        boolean photographs = Images.readGrid(cases.get(0).images().get(0)).dimension() == 2;
        for (int i = 0; i < (photographs ? cases.size() : 1); i += step) {
            channels = Math.max(channels, cases.get(i).scan().read().channels().length);
        }
        if (json != null && !json.channelNames().isEmpty()) {
            if (json.channelNames().size() == channels) {
                return json.channelNames();
            }
            throw new AttunetException(
                    json.file(),
                    "it declares the channels " + String.join(", ", json.channelNames()),
                    channels + " as in " + cases.get(0).images().get(0),
                    "correct channel_names (or modality)");
        }
        if (channels == 3 && photographs) {
            return List.of("red", "green", "blue");
        }
        List<String> names = new ArrayList<>();
        for (int k = 0; k < channels; k++) {
            names.add(channels == 1 ? "intensity" : "channel " + k);
        }
        return names;
    }
}
