package org.attunet.dataset;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.Images;
import org.attunet.io.Placement;
import org.jspecify.annotations.Nullable;

/**
 * What the headers of all cases have in common.
 *
 * @param dimension 2 or 3
 * @param notes sentences about doubtful geometry
 */
record HeaderCheck(int dimension, List<String> notes) {
    private static final int MOST_LABELS = 255;

    private record Header(Grid image, Placement mask) {}

    /**
     * Reads every header.
     *
     * @throws AttunetException if the files of a case don't hold the same points, or 2D and 3D are mixed
     */
    static HeaderCheck of(List<Case> cases) {
        List<Header> headers = Parallel.map(
                cases.size(),
                ProgressListener.NONE,
                i -> new Header(cases.get(i).image().readGrid(), cases.get(i).placement()));
        int dimension = headers.get(0).image.dimension();
        Map<Placement.Kind, List<String>> kinds = new EnumMap<>(Placement.Kind.class);
        for (int i = 0; i < cases.size(); i++) {
            Header read = headers.get(i);
            if (read.image.dimension() != dimension) {
                throw new AttunetException(
                        cases.get(i).firstFile(),
                        "it has " + read.image.dimension() + " dimensions",
                        dimension + " as in " + cases.get(0).firstFile(),
                        "keep 2D images and 3D volumes in separate data sets");
            }
            kinds.computeIfAbsent(read.mask.kind(), kind -> new ArrayList<>())
                    .add(cases.get(i).mask().firstFile().getFileName().toString());
        }
        return new HeaderCheck(dimension, notes(kinds, cases.size()));
    }

    private static List<String> notes(Map<Placement.Kind, List<String>> kinds, int cases) {
        List<String> notes = new ArrayList<>();
        List<String> turned = kinds.get(Placement.Kind.TURNED);
        if (turned != null) {
            notes.add("the axes of image and mask have another order or direction in " + turned.size() + " of " + cases
                    + " cases; these masks are turned to their images: " + CaseMatcher.some(turned));
        }
        List<String> unplaced = kinds.get(Placement.Kind.UNPLACED);
        if (unplaced != null) {
            notes.add("only the image or only the mask has a position in the world in " + unplaced.size() + " of "
                    + cases + " cases; these masks are taken voxel for voxel: " + CaseMatcher.some(unplaced));
        }
        return notes;
    }

    /** Collects the labels that the masks hold. A single value is called {@code foreground}, several {@code label V}. */
    static LabelSet labels(Path root, List<Case> cases, ProgressListener progress) {
        List<BitSet> found = Parallel.map(cases.size(), progress, i -> {
            BitSet values = valuesOf(Images.readLabels(cases.get(i).mask().firstFile()));
            requireFew(cases.get(i).mask().firstFile(), values);
            return values;
        });
        BitSet all = new BitSet();
        for (int i = 0; i < found.size(); i++) {
            all.or(found.get(i));
            requireFew(cases.get(i).mask().firstFile(), all);
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
