package org.attunet.dataset;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.io.Images;

/**
 * Looks for what spoils a training in silence: nearly the same image in two parts of the split, and masks that don't lie
 * on their images. Gives warnings, never failures.
 */
public final class DataCheck {
    /** Above it two thumbnails show one picture: two cases of 208 MR crops of one organ reach 0.87, two of 240 micrographs 0.45. */
    private static final double SAME = 0.995;

    private static final int MOST_CASES = 600;
    private static final int MOST_ALIGNED = 40;
    private static final long MOST_VOXELS = 400L << 20;
    private static final int MOST_NAMED = 5;
    private static final int SIDE_2D = 32;
    private static final int SIDE_3D = 12;

    private final List<Look> seen;

    private DataCheck(List<Look> seen) {
        this.seen = seen;
    }

    private record Look(String id, float[] thumbnail, Optional<Alignment> alignment) {}

    /**
     * Looks at the cases: at most 600 or 400 million voxels, evenly drawn; one that can't be read is left out, as whoever
     * needs it will say so.
     */
    public static DataCheck of(DataSet data, ProgressListener progress) {
        List<Case> cases = drawn(data.cases());
        int every = Math.max(1, (cases.size() + MOST_ALIGNED - 1) / MOST_ALIGNED);
        List<Optional<Look>> looks =
                Parallel.map(cases.size(), progress, i -> look(cases.get(i), data, i % every == 0));
        return new DataCheck(looks.stream().flatMap(Optional::stream).toList());
    }

    /**
     * The warnings for a training, one sentence or two each; empty where all looks well.
     *
     * @param split whose parts must share no picture
     */
    public List<String> notes(Split split) {
        return Stream.concat(duplicates(split).stream(), masks().stream()).toList();
    }

    /** The warning of masks that don't lie on their images. */
    Optional<String> masks() {
        return Alignment.verdict(
                seen.stream().flatMap(look -> look.alignment.stream()).toList());
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

    private static Optional<Look> look(Case one, DataSet data, boolean align) {
        try {
            Case.Pair pair = one.read(data.labels());
            return Optional.of(new Look(
                    one.id(),
                    thumbnail(pair.image()),
                    align ? Alignment.of(pair.image(), pair.labels()) : Optional.empty()));
        } catch (AttunetException e) {
            return Optional.empty();
        }
    }

    /** A small picture without its mean, of length 1 (0 for an even one), so that a product is a correlation. */
    static float[] thumbnail(Image image) {
        int dimension = image.grid().dimension();
        int side = dimension == 2 ? SIDE_2D : SIDE_3D;
        int[] size = {
            image.grid().size(0),
            image.grid().size(1),
            dimension == 3 ? image.grid().size(2) : 1
        };
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
                Look one = seen.get(i);
                Look other = seen.get(k);
                // The same bytes are told by the split itself.
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
