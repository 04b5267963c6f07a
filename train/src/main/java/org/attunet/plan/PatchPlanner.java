package org.attunet.plan;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.attunet.dataset.Fingerprint;
import org.attunet.dataset.Fingerprint.Pieces;
import org.attunet.image.Grid;
import org.attunet.image.Sizes;
import org.attunet.network.NetworkConfig;
import org.attunet.plan.Plan.Budget;

/**
 * Chooses patch, batch and widths: as large as the images allow, then reduced until memory and time suffice.
 *
 * @param reasons receives the reason for each
 * @param spacing of prepared images in mm; patches get about the same length along each axis
 */
record PatchPlanner(Fingerprint data, Budget budget, Map<String, String> reasons, double[] spacing) {
    /**
     * The least and the greatest number of voxels of a 3D patch; between them it is that of a cube whose side is {@link #PART}
     * of a structure's length. Larger patches cost accuracy per minute on a CPU.
     */
    private static final int FEWEST_VOXELS = 16 * 1024;

    private static final int MOST_VOXELS = 112 * 1024;
    private static final double PART = 0.7;

    private static final int LONGEST_2D = 256;

    /** From so many labelled pieces in an image, the position of one says nothing about what it is. */
    private static final int MANY_PIECES = 8;

    /** The side of a patch of such images in lengths of a piece; {@link #SHORTEST_2D} is the least in voxels. */
    private static final int LENGTHS = 4;

    private static final int SHORTEST_2D = 96;

    /** The least length of a patch's axis in voxels of the coarsest level. */
    private static final int LEAST_COARSE = 3;

    private static final int NARROWEST = 8;
    private static final double SPARE = 0.9;

    private static final int CORES = Runtime.getRuntime().availableProcessors();

    /** The chosen settings, and the estimated seconds of a step. */
    record Fitted(NetworkConfig network, int[] patch, int batch, double seconds) {}

    Fitted of(NetworkConfig wanted, int[] size) {
        int multiple = wanted.multiple();
        int[] patch = patch(size, multiple, spacing, data.pieces());
        int wantedBatch = TrainingConfig.defaults().batches().size();
        int batch = wantedBatch;
        NetworkConfig network = wanted;
        double seconds = budget.maxMinutes() > 0 ? 60 * budget.maxMinutes() : Double.POSITIVE_INFINITY;
        while (seconds / CostModel.seconds(network, patch, batch, CORES) < Planner.FEW_STEPS
                && network.widths().get(0) > NARROWEST) {
            network = halved(network);
            reasons.merge("network.widths", narrowedByTime(seconds, patch, batch, network), (a, b) -> a + " " + b);
        }
        String sizeText = Sizes.text(size);
        long memory = budget.memoryBytes() == 0 ? Long.MAX_VALUE : (long) (SPARE * budget.memoryBytes());
        boolean cut = false;
        while (CostModel.bytes(network, patch, batch) > memory) {
            int[] smaller = cut(patch, multiple, spacing, size);
            if (batch > 2) {
                batch = 2;
            } else if (!Arrays.equals(smaller, patch)) {
                patch = smaller;
                cut = true;
            } else if (network.widths().get(0) > NARROWEST / 2) {
                network = halved(network);
                reasons.merge("network.widths", "Halved to fit the memory.", (a, b) -> a + " " + b);
            } else {
                break;
            }
        }
        reasons.put("patch", patchReason(patch, sizeText, multiple, cut));
        reasons.put("training.batch", batchReason(network, patch, batch, wantedBatch, memory));
        return new Fitted(network, patch, batch, CostModel.seconds(network, patch, batch, CORES));
    }

    /**
     * The patch for images of a size: rounded up to the multiple, in 2D at most 256 along each axis and less if there are
     * many objects, in 3D reduced along the axis that is longest in mm until it has the number of voxels that suits the
     * structures.
     */
    static int[] patch(int[] size, int multiple, double[] spacing, Pieces pieces) {
        int[] patch = Sizes.roundUp(size, multiple);
        if (size.length == 2) {
            for (int axis = 0; axis < 2; axis++) {
                int most = LONGEST_2D / multiple * multiple;
                if (pieces.count() >= MANY_PIECES) {
                    int side = (int) Math.ceil(LENGTHS * pieces.length() / spacing[axis]);
                    most = Math.min(most, Sizes.roundUp(Math.max(SHORTEST_2D, side), multiple));
                }
                patch[axis] = Math.min(patch[axis], most);
            }
            return patch;
        }
        int most = mostVoxels(pieces, spacing);
        while (CostModel.voxels(patch) > most) {
            int[] smaller = cut(patch, multiple, spacing, size);
            if (Arrays.equals(smaller, patch)) {
                return patch;
            }
            patch = smaller;
        }
        return patch;
    }

    private static int mostVoxels(Pieces pieces, double[] spacing) {
        double voxels =
                Arrays.stream(spacing).map(s -> PART * pieces.length() / s).reduce(1, (a, b) -> a * b);
        return pieces.count() == 0 ? MOST_VOXELS : (int) Math.max(FEWEST_VOXELS, Math.min(MOST_VOXELS, voxels));
    }

    /**
     * One multiple less along the axis that is longest in mm, among those that may be cut; of equal ones the one along which
     * images have the fewest voxels. Unchanged if none may be.
     */
    private static int[] cut(int[] patch, int multiple, double[] spacing, int[] size) {
        int longest = -1;
        for (int axis = 0; axis < patch.length; axis++) {
            boolean may = patch[axis] > LEAST_COARSE * multiple;
            int longer =
                    longest < 0 ? 1 : Double.compare(patch[axis] * spacing[axis], patch[longest] * spacing[longest]);
            if (may && (longer > 0 || (longer == 0 && size[axis] < size[longest]))) {
                longest = axis;
            }
        }
        int[] smaller = patch.clone();
        if (longest >= 0) {
            smaller[longest] -= multiple;
        }
        return smaller;
    }

    private static NetworkConfig halved(NetworkConfig network) {
        return network.withWidths(
                network.widths().stream().map(w -> Math.max(1, w / 2)).toList());
    }

    private String narrowedByTime(double seconds, int[] patch, int batch, NetworkConfig network) {
        return String.format(
                Locale.ROOT,
                "Halved, because %.3g minutes would be fewer than %d steps; now about %.0f.",
                seconds / 60,
                Planner.FEW_STEPS,
                seconds / CostModel.seconds(network, patch, batch, CORES));
    }

    private String patchReason(int[] patch, String size, int multiple, boolean cut) {
        double[] lengths = new double[patch.length];
        Arrays.setAll(lengths, axis -> patch[axis] * spacing[axis]);
        String limit = patch.length == 2
                ? "at most " + LONGEST_2D + " a side" + manyPieces()
                : String.format(
                        Locale.ROOT,
                        "cut along the longest axis to %d voxels or fewer (a cube of %.1f of a"
                                + " structure's length, which is %s, within %d and %d), because smaller patches give"
                                + " more steps in the same time",
                        mostVoxels(data.pieces(), spacing),
                        PART,
                        text(data.pieces().length()),
                        FEWEST_VOXELS,
                        MOST_VOXELS);
        return String.format(
                Locale.ROOT,
                "The median of %d prepared images is %s; rounded up to multiples of %d, %s%s: %s.",
                data.cases(),
                size,
                multiple,
                limit,
                cut ? ", then cut to fit the memory" : "",
                text(lengths));
    }

    /** Lengths with their unit. */
    private String text(double... lengths) {
        boolean physical = data.grids().stream().allMatch(Grid::hasPhysicalSize);
        String unit = physical ? " mm" : " px";
        return Arrays.stream(lengths)
                .mapToObj(length -> String.format(Locale.ROOT, "%.3g", length))
                .collect(Collectors.joining(" x ", "", unit));
    }

    private String manyPieces() {
        return data.pieces().count() < MANY_PIECES
                ? ""
                : String.format(
                        Locale.ROOT,
                        ", and %d lengths of an object or %d: the median image has %d of them, %s long, so the"
                                + " position of one says little, and smaller patches give more steps in the same time",
                        LENGTHS,
                        SHORTEST_2D,
                        data.pieces().count(),
                        text(data.pieces().length()));
    }

    private String batchReason(NetworkConfig network, int[] patch, int batch, int wanted, long memory) {
        double gigabytes = CostModel.bytes(network, patch, batch) / (double) (1L << 30);
        if (memory == Long.MAX_VALUE) {
            return String.format(Locale.ROOT, "The usual; by estimate a step takes about %.1f GiB in all.", gigabytes);
        }
        boolean fits = CostModel.bytes(network, patch, batch) <= memory;
        return String.format(
                Locale.ROOT,
                fits
                        ? "%s; by estimate a step takes about %.1f GiB of the %.1f GiB allowed."
                        : "%s; even so a step takes about %.1f GiB by estimate, more than the %.1f GiB" + " allowed.",
                batch < wanted ? "Less than the usual " + wanted + " to fit the memory" : "The usual",
                gigabytes,
                budget.memoryBytes() / (double) (1L << 30));
    }
}
