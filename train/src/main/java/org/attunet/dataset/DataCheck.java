package org.attunet.dataset;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.io.Images;

/**
 * Checks for defects of the data that spoil a training silently: near-duplicates of an image in two parts of the split, and
 * masks that don't lie on their images, labels that the training doesn't see.
 */
public final class DataCheck {
    /** The correlation of thumbnails above which two images are one: distinct ones reach 0.87 among 208 MR crops of one organ, 0.45 among 240 micrographs. */
    private static final double SAME = 0.995;

    private static final int MOST_CASES = 600;
    private static final int MOST_ALIGNED = 40;
    private static final long MOST_VOXELS = 400L << 20;
    private static final int MOST_NAMED = 5;
    private static final int SIDE_2D = 32;
    private static final int SIDE_3D = 12;

    private final DataSet data;
    private final List<CheckedCase> seen;

    private DataCheck(DataSet data, List<CheckedCase> seen) {
        this.data = data;
        this.seen = seen;
    }

    private record CheckedCase(String id, float[] thumbnail, Optional<Alignment> alignment, Set<Integer> labels) {}

    /**
     * Reads the cases, at most 600 or 400 million voxels of them, evenly drawn.
     *
     * @throws AttunetException if one is unreadable, be it held out from the training
     */
    public static DataCheck of(DataSet data, ProgressListener progress) {
        List<Case> cases = drawn(data.cases());
        int every = Math.max(1, (cases.size() + MOST_ALIGNED - 1) / MOST_ALIGNED);
        return new DataCheck(
                data, Parallel.map(cases.size(), progress, i -> check(cases.get(i), data, i % every == 0)));
    }

    /**
     * Returns the warnings for a training, one or two sentences each.
     *
     * @param split whose parts must share no image
     */
    public List<String> notes(Split split) {
        return Stream.of(duplicates(split), masks(), unlearnt(split))
                .flatMap(Optional::stream)
                .toList();
    }

    /** The warning about masks that don't lie on their images. */
    Optional<String> masks() {
        return Alignment.verdict(
                seen.stream().flatMap(one -> one.alignment.stream()).toList());
    }

    /** The warning about labels that only cases outside the training part have; nothing unless all cases were read. */
    private Optional<String> unlearnt(Split split) {
        List<CheckedCase> training =
                seen.stream().filter(one -> split.train().contains(one.id)).toList();
        List<Integer> missing = data.labels().values().stream()
                .filter(label -> {
                    boolean[] covered = data.labels().covered(label);
                    Predicate<CheckedCase> has = one -> one.labels.stream().anyMatch(value -> covered[value]);
                    return seen.stream().anyMatch(has) && training.stream().noneMatch(has);
                })
                .toList();
        return missing.isEmpty() || seen.size() < data.cases().size() || training.isEmpty()
                ? Optional.empty()
                : Optional.of("no case of the training part has the label "
                        + missing.stream()
                                .map(label ->
                                        label + " (" + data.labels().asMap().get(label) + ")")
                                .collect(Collectors.joining(", "))
                        + ", which others have; it can't be learnt. Add cases with it, or give another --seed.");
    }

    private static List<Case> drawn(List<Case> all) {
        Grid grid = Images.readGrid(all.get(0).firstFile());
        long most = Math.max(8, Math.min(MOST_CASES, MOST_VOXELS / Math.max(1, grid.voxels())));
        long every = (all.size() + most - 1) / most;
        List<Case> drawn = new ArrayList<>();
        for (int i = 0; i < all.size(); i += (int) every) {
            drawn.add(all.get(i));
        }
        return drawn;
    }

    private static CheckedCase check(Case one, DataSet data, boolean align) {
        Case.Pair pair = one.read(data.labels());
        return new CheckedCase(
                one.id(),
                thumbnail(pair.image()),
                align ? Alignment.of(pair.image(), pair.labels()) : Optional.empty(),
                pair.labels().values());
    }

    /** A small image of mean 0 and norm 1 (0 for a constant one), so that a dot product is a correlation. */
    static float[] thumbnail(Image image) {
        int dimension = image.grid().dimension();
        int side = dimension == 2 ? SIDE_2D : SIDE_3D;
        int[] size = {image.grid().size(0), image.grid().size(1), image.grid().size(2)};
        int depth = dimension == 2 ? 1 : side;
        float[] out = new float[side * side * depth];
        int[] counts = new int[out.length];
        for (float[] channel : image.channels()) {
            int i = 0;
            for (int z = 0; z < size[2]; z++) {
                for (int y = 0; y < size[1]; y++) {
                    int row = ((int) ((long) z * depth / size[2]) * side + (int) ((long) y * side / size[1])) * side;
                    for (int x = 0; x < size[0]; x++, i++) {
                        int cell = row + (int) ((long) x * side / size[0]);
                        out[cell] += channel[i];
                        counts[cell]++;
                    }
                }
            }
        }
        double mean = 0;
        for (int i = 0; i < out.length; i++) {
            out[i] = counts[i] == 0 ? 0 : out[i] / counts[i];
            mean += out[i] / out.length;
        }
        double square = 0;
        for (int i = 0; i < out.length; i++) {
            out[i] -= (float) mean;
            square += (double) out[i] * out[i];
        }
        float length = (float) Math.sqrt(square);
        for (int i = 0; length > 0 && i < out.length; i++) {
            out[i] /= length;
        }
        return out;
    }

    private Optional<String> duplicates(Split split) {
        List<String> pairs = new ArrayList<>();
        Map<String, Integer> parts = parts(split);
        for (int i = 0; i < seen.size(); i++) {
            for (int k = i + 1; k < seen.size(); k++) {
                CheckedCase one = seen.get(i);
                CheckedCase other = seen.get(k);
                // the split itself reports exact copies
                boolean copies = String.valueOf(split.hashes().get(one.id))
                        .equals(String.valueOf(split.hashes().get(other.id)));
                boolean apart = !Objects.equals(parts.get(one.id), parts.get(other.id));
                if (!copies && apart && correlation(one.thumbnail, other.thumbnail) > SAME) {
                    pairs.add(one.id + " and " + other.id);
                }
            }
        }
        if (pairs.isEmpty()) {
            return Optional.empty();
        }
        String shown = String.join("; ", pairs.subList(0, Math.min(MOST_NAMED, pairs.size())));
        String more = pairs.size() > MOST_NAMED ? "; and " + (pairs.size() - MOST_NAMED) + " more pairs" : "";
        return Optional.of(
                "these look like one picture but stand in different parts, which makes the measured quality too"
                        + " good: " + shown + more + ". Remove one of each, or keep one patient's images together.");
    }

    private static Map<String, Integer> parts(Split split) {
        Map<String, Integer> parts = new HashMap<>();
        split.train().forEach(id -> parts.put(id, 0));
        split.validation().forEach(id -> parts.put(id, 1));
        split.test().forEach(id -> parts.put(id, 2));
        return parts;
    }

    static double correlation(float[] one, float[] other) {
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += (double) one[i] * other[i];
        }
        return sum;
    }
}
