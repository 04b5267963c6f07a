package org.attunet.plan;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.attunet.bundle.ModelDescription;
import org.attunet.dataset.Fingerprint;
import org.attunet.dataset.Fingerprint.Intensity;
import org.attunet.dataset.Fingerprint.Structure;
import org.attunet.image.Grid;
import org.attunet.image.LengthUnit;
import org.attunet.network.NetworkConfig;
import org.attunet.patches.Augmentation;
import org.attunet.plan.Plan.Budget;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.jspecify.annotations.Nullable;

/**
 * The rules that derive a plan from a fingerprint; each gives a value and a sentence with the numbers behind it.
 * Target spacing, the shortest coarse axis and the normalisation of CT are nnU-Net's (Isensee et al., Nature Methods 2021).
 */
final class Planner {
    /** The ratio of spacings, or of sizes, above which images are strongly anisotropic. */
    private static final double ANISOTROPIC = 3;

    /** The relative difference below which spacings are the same, written by different programs. */
    private static final double SAME_SPACING = 0.01;

    /** The least number of voxels along each axis of the coarsest level. */
    private static final int COARSEST = 4;

    /** The share of the images below which labels are rarely met by chance. */
    private static final double SPARSE = 0.005;

    /** The share of cases on the same side from which a short training mirrors none. */
    private static final double ONE_SIDED = 0.9;

    /** The passes over all voxels from which overfitting matters more than mirror images that resemble no case. */
    private static final double MANY_PASSES = 30;

    /** The number of steps below which a narrow network learns more than a wide one. */
    static final int FEW_STEPS = 150;

    /** The share of the minutes for predicting whole cases. */
    private static final double MOST_VALIDATION = 0.25;

    private final Fingerprint data;
    private final Budget budget;
    private final @Nullable Double resize;
    private final int dimension;
    private final Map<String, String> reasons = new LinkedHashMap<>();

    /**
     * The wanted number of validations if they leave three quarters of the time to the training, else fewer, at least two.
     *
     * @param once the seconds of one
     */
    static int validations(int wanted, double minutes, double once) {
        double most = Math.floor(MOST_VALIDATION * 60 * minutes / Math.max(1e-9, once));
        return (int) Math.max(2, Math.min(wanted, most));
    }

    /** @param resize the wanted factor for the images' size; null to choose it */
    Planner(Fingerprint data, Budget budget, @Nullable Double resize) {
        this.data = data;
        this.resize = resize;
        this.budget = budget;
        this.dimension = data.dimension();
    }

    Plan plan() {
        Preprocessing preprocessing = preprocessing();
        List<Grid> prepared = data.grids().stream()
                .map(grid -> preprocessing.withCanonicalOrientation(false).preparedGrid(grid))
                .toList();
        int[] size = medianSize(prepared);
        NetworkConfig network = network(size);
        var fitted = new PatchPlanner(
                        data,
                        budget,
                        reasons,
                        preprocessing.preparedGrid(data.grids().get(0)).spacing())
                .of(network, size);
        TrainingConfig config = training(preprocessing, prepared, fitted);
        ModelDescription model =
                ModelDescription.of(data.name(), fitted.network(), preprocessing, data.labels(), fitted.patch());
        return new Plan(model, config, reasons, null);
    }

    // ---- preprocessing ----

    private Preprocessing preprocessing() {
        reasons.put(
                "preprocessing.canonicalOrientation",
                data.oriented()
                        ? "All " + data.cases() + " images are NIfTI or DICOM, which record how the body lies in them."
                        : "Photographs don't say how a body lies in them.");
        Normalisation normalisation = normalisation();
        double[] spacing = targetSpacing();
        return Preprocessing.of(data.channelNames().size(), normalisation)
                .withCanonicalOrientation(data.oriented())
                .withTargetSpacing(spacing)
                .withResize(resize(spacing));
    }

    private double @Nullable [] targetSpacing() {
        long sized = data.grids().stream().filter(Grid::hasPhysicalSize).count();
        if (sized < data.cases()) {
            reason(
                    "preprocessing.targetSpacing",
                    sized == 0
                            ? "The images have no physical size, so %2$s stay as they are."
                            : "%1$d of %3$d images have no physical size, so all %2$s stay as they are.",
                    data.cases() - sized,
                    dimension == 2 ? "pixels" : "voxels",
                    data.cases());
            return null;
        }
        double[] target = new double[dimension];
        double widest = 0;
        for (int axis = 0; axis < dimension; axis++) {
            double[] spacings = data.spacings(axis);
            target[axis] = percentile(spacings, 50);
            for (double spacing : spacings) {
                widest = Math.max(widest, Math.abs(spacing / target[axis] - 1));
            }
        }
        if (widest <= SAME_SPACING) {
            reason(
                    "preprocessing.targetSpacing",
                    "All %d images have %s within 1%%; others are resampled to it.",
                    data.cases(),
                    LengthUnit.text(target));
            return target;
        }
        String median = String.format(
                Locale.ROOT,
                "The median of %d images, whose spacings differ from it by up to %.0f%%",
                data.cases(),
                100 * widest);
        int coarse = IntStream.range(0, dimension).reduce(0, (a, b) -> target[b] > target[a] ? b : a);
        double others = axesBut(coarse).mapToDouble(axis -> target[axis]).max().orElse(0);
        double size = percentile(data.sizes(coarse), 50);
        double otherSizes = axesBut(coarse)
                .mapToDouble(axis -> percentile(data.sizes(axis), 50))
                .min()
                .orElse(Double.POSITIVE_INFINITY);
        if (target[coarse] > ANISOTROPIC * others && size * ANISOTROPIC < otherSizes) {
            double fine = Math.max(others, percentile(data.spacings(coarse), 10));
            reason(
                    "preprocessing.targetSpacing",
                    "%s; along %s the median of %.3g mm is more than 3 times the others' %.3g mm, so there it is the"
                            + " 10th percentile, %.3g mm, at which fewer slices are lost.",
                    median,
                    "xyz".charAt(coarse),
                    target[coarse],
                    others,
                    fine);
            target[coarse] = fine;
        } else {
            reasons.put("preprocessing.targetSpacing", median + ".");
        }
        return target;
    }

    /** The factor for the images' size: as wanted, or chosen so that large objects of pictures fit into patches. */
    private double resize(double @Nullable [] spacing) {
        if (resize != null) {
            reasons.put("preprocessing.resize", "As asked.");
            return resize;
        }
        return data.oriented() || dimension != 2
                ? 1
                : new Reduction(data, reasons).factor(spacing == null ? 1 : spacing[0]);
    }

    private IntStream axesBut(int left) {
        return IntStream.range(0, dimension).filter(axis -> axis != left);
    }

    private Normalisation normalisation() {
        String key = "preprocessing.normalisation";
        boolean ct = data.channelNames().stream().allMatch(name -> name.strip().equalsIgnoreCase("ct"));
        Intensity inside = data.foreground().get(0);
        if (ct && data.channelNames().size() == 1 && inside.low() < inside.high() && inside.std() > 0) {
            reason(
                    key,
                    "CT has a unit: clipped to the percentiles 0.5 and 99.5 of %d labelled voxels, %.4g to %.4g, then"
                            + " standardised by their mean %.4g and deviation %.4g.",
                    inside.samples(),
                    inside.low(),
                    inside.high(),
                    inside.mean(),
                    inside.std());
            return new Normalisation.ClipStandardise(inside.low(), inside.high(), inside.mean(), inside.std());
        }
        reason(
                key,
                "%s has no unit that all images share, so each image's own mean and deviation count%s.",
                String.join(", ", data.channelNames()),
                data.channelNames().size() == 1 ? "" : ", channel by channel");
        return new Normalisation.ZScore();
    }

    private int[] medianSize(List<Grid> prepared) {
        return IntStream.range(0, dimension)
                .map(axis -> prepared.stream()
                        .mapToInt(grid -> grid.size(axis))
                        .sorted()
                        .toArray()[prepared.size() / 2])
                .toArray();
    }

    // ---- network ----

    private NetworkConfig network(int[] size) {
        NetworkConfig usual = Plan.network(dimension, data.channelNames().size(), data.labels());
        int shortest = Arrays.stream(size).min().orElse(1);
        int levels = usual.levels();
        while (levels > 3 && shortest < COARSEST << (levels - 1)) {
            levels--;
        }
        reason(
                "network.widths",
                "%d levels, because the shortest axis of the median image has %d voxels, of which %d or more shall be"
                        + " left at the coarsest level; 16 channels at the finest, which two cores train in minutes.",
                levels,
                shortest,
                COARSEST);
        reasons.put(
                "network.outputs",
                data.labels().size() == 1
                        ? "One label, through a sigmoid."
                        : data.labels().hasRegions()
                                ? data.labels().size() + " labels that may overlap, each through a sigmoid."
                                : data.labels().size() + " labels and the background, as classes.");
        reasons.put(
                "network.deepSupervision",
                dimension == 3
                        ? "Patches of volumes are few, and heads on coarser levels make more of each."
                        : "2D networks see many patches; heads on coarser levels add little.");
        return usual.withWidths(usual.widths().subList(0, levels));
    }

    // ---- training ----

    private TrainingConfig training(Preprocessing preprocessing, List<Grid> prepared, PatchPlanner.Fitted fitted) {
        TrainingConfig usual = TrainingConfig.defaults();
        double minutes =
                budget.maxMinutes() > 0 ? budget.maxMinutes() : usual.length().maxMinutes();
        reason(
                "training.maxMinutes",
                budget.maxMinutes() > 0
                        ? "As asked; by arithmetic about %.0f steps on %d cores."
                        : "The usual; by arithmetic about %.0f steps on %d cores.",
                60 * minutes / fitted.seconds(),
                usual.compute().threads());
        reasons.put("training.loss", loss());
        reasons.put(
                "training.optimizer",
                "The default; bench/ablation.sh measures it against nnU-Net's, SGD with Nesterov momentum 0.99.");
        Augmentation augmentation =
                augmentation(preprocessing.canonicalOrientation(), passes(prepared, fitted, minutes));
        reasons.put(NumberType.SETTING, "float32: no steps in bfloat16 were timed, as 'attunet plan' does.");
        TrainingConfig.ComputeConfig compute = usual.compute();
        int copies = TrainingConfig.ComputeConfig.usualCopies(fitted.batch(), compute.threads(), compute.device());
        double share = foregroundShare(usual.batches().foregroundShare());
        int validations = validations(usual.validation().count(), prepared, fitted, minutes);
        return new TrainingConfig(
                new TrainingConfig.Length(0, minutes),
                new TrainingConfig.BatchConfig(fitted.batch(), share),
                usual.optimization(),
                augmentation,
                new TrainingConfig.ValidationConfig(validations, 0),
                usual.seed(),
                compute.divided(compute.threads(), copies, compute.workers()));
    }

    /** The estimated passes of the training over all voxels. */
    private double passes(List<Grid> prepared, PatchPlanner.Fitted fitted, double minutes) {
        double inTime = 60 * minutes / fitted.seconds();
        boolean counted = budget.steps() > 0 && (budget.maxMinutes() == 0 || budget.steps() < inTime);
        return (counted ? budget.steps() : inTime)
                * fitted.batch()
                * CostModel.voxels(fitted.patch())
                / prepared.stream()
                        .mapToDouble(grid -> CostModel.voxels(grid.size()))
                        .sum();
    }

    private Augmentation augmentation(boolean oriented, double passes) {
        if (!oriented) {
            String atWill = "Nothing is known of the orientation: mirrored and turned at will";
            if (data.hasObjects()) {
                reasons.put(
                        "training.augmentation",
                        atWill + (dimension == 2 ? ", intensities as they are: small differences part objects." : "."));
                return Augmentation.objects(dimension);
            }
            reasons.put("training.augmentation", atWill + ".");
            return Augmentation.standard(dimension);
        }
        if (data.oneSided() < ONE_SIDED || passes >= MANY_PASSES) {
            reasons.put(
                    "training.augmentation",
                    "Bodies lie in one orientation: mirrored left-right only, turned by at most 15 degrees.");
            return Augmentation.anatomical(true);
        }
        reason(
                "training.augmentation",
                "Bodies lie in one orientation, and in %.0f%% of the cases the labels lean to the same side: in a"
                        + " training that by arithmetic goes over all voxels only %.0f times not mirrored, because the"
                        + " mirror image would resemble no case; turned by at most 15 degrees.",
                100 * data.oneSided(),
                passes);
        return Augmentation.anatomical(false);
    }

    private String loss() {
        String shares = data.structures().stream()
                .map(s -> String.format(Locale.ROOT, "%s %.2g%%", s.name(), 100 * s.share()))
                .limit(6)
                .collect(Collectors.joining(", "));
        return "Cross-entropy teaches every voxel, Dice makes small labels count: of all voxels " + shares
                + (data.structures().size() > 6 ? " and so on." : ".");
    }

    private double foregroundShare(double usual) {
        double labelled = data.labelled();
        long smallest = data.structures().stream()
                .mapToLong(Structure::smallest)
                .filter(n -> n > 0)
                .min()
                .orElse(0);
        boolean sparse = labelled < SPARSE;
        reason(
                "training.foregroundShare",
                sparse
                        ? "Labels take only %.2g%% of the images, the smallest %d voxels of one, so half of the"
                                + " patches are centred on them."
                        : "Labels take %.2g%% of the images, the smallest %d voxels of one, so that many patches meet"
                                + " them by chance.",
                100 * labelled,
                smallest);
        return sparse ? Math.max(0.5, usual) : usual;
    }

    private int validations(int usual, List<Grid> prepared, PatchPlanner.Fitted fitted, double minutes) {
        double cases = Math.max(1, data.cases() / 10.0);
        double voxels = prepared.stream()
                .mapToDouble(grid -> CostModel.voxels(grid.size()))
                .sum();
        double perVoxel = fitted.seconds() / 3 / (CostModel.voxels(fitted.patch()) * fitted.batch());
        double once = 2 * cases * voxels / data.cases() * perVoxel;
        int count = validations(usual, minutes, once);
        reason(
                "training.validations",
                "Predicting about %.0f whole cases takes about %.1f s by arithmetic, so %d times leave most of the"
                        + " time to the training.",
                cases,
                once,
                count);
        return count;
    }

    // ---- words ----

    private void reason(String key, String format, Object... numbers) {
        reasons.put(key, String.format(Locale.ROOT, format, numbers));
    }

    /** Interpolated; the values ascend. */
    private static double percentile(double[] sorted, double percent) {
        if (percent == 50) {
            return sorted[sorted.length / 2];
        }
        double at = percent / 100 * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }
}
