package org.attunet.predict;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleConsumer;
import java.util.function.Function;
import org.attunet.bundle.Bundle;
import org.attunet.bundle.KeepLargest;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.Precision;
import org.attunet.bundle.TrainingProfile;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.objects.ObjectSettings;
import org.attunet.preprocess.Prepared;
import org.attunet.preprocess.Preprocessing;
import org.jspecify.annotations.Nullable;

/**
 * Segments images with a trained model or an ensemble of models: preprocessing, network, and restoration to the image's
 * own grid.
 *
 * <pre>{@code
 * try (Segmenter segmenter = Segmenter.open(Path.of("model.zip"))) {
 *     Segmentation result = segmenter.segment(Images.read(Path.of("scan.nii.gz")));
 *     Images.write(result.labels(), Path.of("mask.nii.gz"));
 * }
 * }</pre>
 *
 * <p>The prepared image is padded with zeros to a multiple of the network's coarsest cell, and cropped back. It is
 * computed as a whole if the memory budget allows it, else in tiles: exact ones with the network's receptive field as
 * halo, or blended ones (see {@link TileMode}). A 2D network takes a volume slice by slice. Probabilities, the sigmoid or
 * softmax of the logits over the model's temperature, are averaged over blended tiles and mirror images, resampled to the
 * image's grid, averaged over models, and then the most probable class is taken. Finished planes are streamed to the
 * result, so the memory needed besides image and result is that of a tile and a slab of the image; {@link #plan} estimates
 * it.
 *
 * <p>Interrupting the thread ends a segmentation, within about 0.1 s on an idle machine, with {@link
 * java.util.concurrent.CancellationException}; the thread stays interrupted and the segmenter usable. ONNX Runtime finishes
 * the operation that it is in, for up to seconds, and frees the block's memory after it; large blocks that follow wait for
 * that. libtorch runs on the calling thread, so that its operation ends first.
 *
 * <p>Results are deterministic for the same engine and options. Immutable; thread-safe because {@link Engine}s are.
 */
public final class Segmenter implements AutoCloseable {
    private static final String OPTIONS = "the options must not be null";

    private final List<EnsembleMember> members;
    private final SegmenterOptions options;
    private final KeepLargest keepLargest;
    private final @Nullable ObjectSettings objects; // null for a model of structures
    private final long machineMemory; // measured once, so that all images of a segmenter get the same tiles

    private Segmenter(
            List<EnsembleMember> members,
            SegmenterOptions options,
            KeepLargest keepLargest,
            @Nullable ObjectSettings objects) {
        this.members = List.copyOf(members);
        this.options = options;
        this.keepLargest = keepLargest;
        this.objects = objects;
        this.machineMemory = MemoryBudget.ofMachine();
    }

    /**
     * Opens a bundle for ONNX Runtime in 32-bit floating point on all cores.
     *
     * @param bundle a folder or zip file in the layout of the BioImage Model Zoo
     * @return a segmenter of the bundle's model
     * @throws AttunetException if the bundle is damaged, or a foreign one that needs an unsupported feature
     */
    public static Segmenter open(Path bundle) {
        return open(bundle, SegmenterOptions.defaults(), OnnxOptions.defaults(), Precision.FP32);
    }

    /**
     * Opens a bundle with its temperature.
     *
     * @param bundle a folder or zip file in the layout of the BioImage Model Zoo
     * @param options how images are segmented
     * @param onnx how ONNX Runtime computes
     * @param precision the model to use
     * @return a segmenter of the bundle's model
     * @throws AttunetException if the bundle is damaged, has no model of this precision, or is a foreign one that needs an
     *     unsupported feature
     */
    public static Segmenter open(Path bundle, SegmenterOptions options, OnnxOptions onnx, Precision precision) {
        Bundle opened = Bundle.open(bundle);
        String name = opened.onnxPath(precision).toString();
        Engine engine =
                OnnxEngine.open(opened.onnx(precision), name, opened.model().shape(), onnx);
        return of(
                        engine,
                        opened.model(),
                        opened.settings().temperature(),
                        options,
                        opened.settings().keepLargest())
                .withObjects(opened.settings().objects())
                .withProfile(opened.profile().orElse(null));
    }

    /**
     * Creates a segmenter that owns the engine and closes it, also if this fails; the temperature is 1.
     *
     * @param engine computes the network, and is closed with the segmenter
     * @param model the description of the model
     * @param options how images are segmented
     * @return the segmenter
     * @throws AttunetException if the engine's network is not the model's
     */
    public static Segmenter of(Engine engine, ModelDescription model, SegmenterOptions options) {
        return of(engine, model, 1, options);
    }

    /**
     * Creates a segmenter that owns the engine and closes it.
     *
     * @param temperature the divisor of the logits, above 0; not used for a network that returns probabilities
     * @throws AttunetException if the engine's network is not the model's
     */
    static Segmenter of(Engine engine, ModelDescription model, double temperature, SegmenterOptions options) {
        return of(engine, model, temperature, options, KeepLargest.NONE);
    }

    /** Closes the engine if the model doesn't fit it. */
    private static Segmenter of(
            Engine engine, ModelDescription model, double temperature, SegmenterOptions options, KeepLargest kept) {
        try {
            return new Segmenter(List.of(new EnsembleMember(engine, model, temperature, null)), options, kept, null);
        } catch (RuntimeException e) {
            engine.close();
            throw e;
        }
    }

    /**
     * Combines several models into an ensemble: the mean of their probabilities on the image's own grid, with equal
     * weights. The models may have different grids and normalisations. Small components are removed if all models remove
     * the same ones.
     *
     * @param segmenters the models with their temperatures; the ensemble owns and closes them
     * @param options replace the segmenters' own
     * @return the ensemble
     * @throws AttunetException if two models differ in labels, outputs, channels, dimension or orientation
     */
    public static Segmenter ensemble(List<Segmenter> segmenters, SegmenterOptions options) {
        List<EnsembleMember> members =
                segmenters.stream().flatMap(s -> s.members.stream()).toList();
        if (members.isEmpty()) {
            throw new ConfigException("models", 0, "1 model or more");
        }
        for (int k = 1; k < members.size(); k++) {
            members.get(k).requireLike(members.get(0), k + 1);
        }
        KeepLargest shared = segmenters.get(0).keepLargest;
        boolean agree = segmenters.stream().allMatch(segmenter -> segmenter.keepLargest.equals(shared));
        ObjectSettings objects = segmenters.get(0).objects;
        return new Segmenter(members, options, agree ? shared : KeepLargest.NONE, objects);
    }

    /**
     * {@return a segmenter of the same models with another removal of small components; it owns the engines}
     *
     * @param other which labels keep their largest component alone
     * @throws ConfigException if a label is not one of the models'
     */
    public Segmenter withKeepLargest(KeepLargest other) {
        if (!model().labels().values().containsAll(other.labels())) {
            throw new ConfigException("keep largest", other.labels(), "labels of " + model().labels());
        }
        return new Segmenter(members, options, other, objects);
    }

    /**
     * {@return a segmenter of the same models that finds objects with these settings} The first model's are those of an
     * ensemble.
     *
     * @param other the settings; null for a model of structures
     */
    public Segmenter withObjects(@Nullable ObjectSettings other) {
        if (other != null && !model().labels().hasRegions()) {
            throw new ConfigException("objects", model().labels(), "a network that has learnt the depth of objects");
        }
        return new Segmenter(members, options, keepLargest, other);
    }

    /** {@return how objects are found in the model's outputs; empty for a model of structures} */
    public Optional<ObjectSettings> objects() {
        return Optional.ofNullable(objects);
    }

    /**
     * {@return a segmenter of the same models, all with this profile of their training cases; it owns the engines}
     *
     * @param profile what is kept of the training cases; null for none
     */
    public Segmenter withProfile(@Nullable TrainingProfile profile) {
        List<EnsembleMember> others = members.stream()
                .map(one -> new EnsembleMember(one.engine(), one.model(), one.temperature(), profile))
                .toList();
        return new Segmenter(others, options, keepLargest, objects);
    }

    /**
     * {@return a segmenter of the same models with another divisor of their logits, above 0; it owns the engines}
     *
     * @param temperature the divisor of the logits, above 0
     */
    public Segmenter withTemperature(double temperature) {
        List<EnsembleMember> others = members.stream()
                .map(one -> new EnsembleMember(one.engine(), one.model(), temperature, one.profile()))
                .toList();
        return new Segmenter(others, options, keepLargest, objects);
    }

    /**
     * {@return whether images are compared with the training cases: whether any model keeps a profile of enough of them}
     */
    public boolean checksNovelty() {
        return members.stream()
                .map(EnsembleMember::profile)
                .anyMatch(profile -> profile != null && profile.comparable());
    }

    /** {@return the model's description; the first model's for an ensemble} */
    public ModelDescription model() {
        return members.get(0).model();
    }

    /** {@return the descriptions of all models} */
    public List<ModelDescription> models() {
        return members.stream().map(EnsembleMember::model).toList();
    }

    /** {@return the first model's temperature, the divisor of its logits; 1 if it isn't calibrated} */
    public double temperature() {
        return members.get(0).temperature();
    }

    /** {@return which parts of masks are reduced to their largest component} */
    KeepLargest keepLargest() {
        return keepLargest;
    }

    /** {@return the default options} */
    public SegmenterOptions options() {
        return options;
    }

    /** {@return whether test-time augmentation has an effect: whether any model was trained with mirroring} */
    public boolean mirrors() {
        return members.stream().anyMatch(member -> member.model().mirroredAxes() > 0);
    }

    /**
     * {@return the attention gates of a result's maps, coarsest first; empty if the models of an ensemble differ in them}
     */
    public List<String> gates() {
        List<String> first = members.get(0).engine().gates();
        boolean agree =
                members.stream().allMatch(member -> member.engine().gates().equals(first));
        return agree ? first : List.of();
    }

    /**
     * {@return how an image would be computed: its tiles and their memory; by the first model of an ensemble}
     *
     * @param grid the grid of the image as read
     * @param callOptions replace the segmenter's own
     */
    public TilePlan plan(Grid grid, SegmenterOptions callOptions) {
        EnsembleMember first = members.get(0);
        return planner(first, first.model().preprocessing().preparedGrid(grid), callOptions)
                .choose(budget(callOptions));
    }

    /**
     * {@return the voxels that each model computes at least for an image: as prepared, and padded to the size of a patch,
     * so that thin images and thousands of tiny slices count what they cost; the largest number of an ensemble's models}
     *
     * @param grid the grid of the image as read
     */
    public double paddedVoxels(Grid grid) {
        return members.stream()
                .mapToDouble(
                        member -> planner(member, member.model().preprocessing().preparedGrid(grid), options)
                                .paddedVoxels())
                .max()
                .orElse(0);
    }

    private TilePlanner planner(EnsembleMember member, Grid prepared, SegmenterOptions callOptions) {
        Engine engine = member.engine();
        return new TilePlanner(
                engine.network(),
                member.model().patch(),
                prepared,
                callOptions,
                engine.bytesPerVoxel(),
                disagreement(callOptions));
    }

    /** Returns whether the mutual information is requested and there are several votes. */
    private boolean disagreement(SegmenterOptions callOptions) {
        return callOptions.uncertainty() && (members.size() > 1 || (callOptions.mirror() && mirrors()));
    }

    /** The bytes for one model; an ensemble needs one share for each model and one for planes that wait for others. */
    private long budget(SegmenterOptions callOptions) {
        long all = callOptions.memory() > 0 ? callOptions.memory() : machineMemory;
        return members.size() == 1 ? all : all / (members.size() + 1);
    }

    /**
     * Segments an image with the default options; 1 channel is replicated for a model of 3.
     *
     * @param image as read; its arrays must not change meanwhile
     * @return the result on the image's own grid
     * @throws AttunetException if the image doesn't suit the model or has values that aren't finite
     */
    public Segmentation segment(Image image) {
        return segment(image, options);
    }

    /**
     * Segments an image with other options.
     *
     * @param image as read; its arrays must not change meanwhile
     * @param callOptions replace the segmenter's own
     * @return the result on the image's own grid
     */
    public Segmentation segment(Image image, SegmenterOptions callOptions) {
        return segment(image, callOptions, share -> {});
    }

    /**
     * Segments an image and reports the progress.
     *
     * @param image as read; its arrays must not change meanwhile
     * @param callOptions replace the segmenter's own
     * @param progress receives the share that is done on the calling thread, ever greater, from above 0 to 1: after each
     *     step of the preparation, each block and each restored plane, and about twice a second while ONNX Runtime computes
     *     a block, when it is an estimate. An exception from it ends the segmentation and is passed on
     * @return the result on the image's own grid
     */
    public Segmentation segment(Image image, SegmenterOptions callOptions, DoubleConsumer progress) {
        Objects.requireNonNull(callOptions, OPTIONS);
        var share = new Progress(Objects.requireNonNull(progress, "the progress must not be null"));
        return segment(prepare(image, share), callOptions, share);
    }

    /**
     * Segments an image that was prepared by the preprocessing of all models.
     *
     * @param prepared the prepared image
     * @param callOptions replace the segmenter's own
     * @return the result on the image's own grid
     * @throws AttunetException if the models of an ensemble differ in their preprocessing
     */
    public Segmentation segment(Prepared prepared, SegmenterOptions callOptions) {
        if (models().stream().map(ModelDescription::preprocessing).distinct().count() > 1) {
            throw new AttunetException(
                    "ensemble",
                    "its models prepare images in different ways",
                    "one preprocessing for a prepared image",
                    "give the image as it was read");
        }
        return segment(Collections.nCopies(members.size(), prepared), callOptions, new Progress(share -> {}));
    }

    /** Returns the image prepared for each model; models with the same preprocessing share it. */
    List<Prepared> prepare(Image image, Progress progress) {
        Objects.requireNonNull(image, "the image must not be null").requireFinite("image");
        List<Preprocessing> different = models().stream()
                .map(ModelDescription::preprocessing)
                .distinct()
                .toList();
        double steps = (double) different.size() * Preprocessing.STEPS;
        var done = new AtomicInteger();
        Map<Preprocessing, Prepared> prepared = new HashMap<>();
        for (Preprocessing one : different) {
            prepared.put(one, one.prepare(image, () -> progress.prepared(done.incrementAndGet() / steps)));
        }
        return models().stream()
                .map(model -> Objects.requireNonNull(prepared.get(model.preprocessing())))
                .toList();
    }

    /** Segments an image that was prepared for each model. */
    Segmentation segment(List<Prepared> prepared, SegmenterOptions callOptions, Progress progress) {
        Objects.requireNonNull(callOptions, OPTIONS);
        int outputs = model().shape().outputs();
        boolean disagreement = disagreement(callOptions);
        var result = new SegmentationBuilder(prepared.get(0), model().labels(), outputs, callOptions, disagreement);
        var mean = new PlaneMean(members.size(), result::add);
        Map<String, PlaneMean> gates = new LinkedHashMap<>();
        Function<String, PlaneMean> ofGate = gate -> gates.computeIfAbsent(
                gate, name -> new PlaneMean(members.size(), (plane, maps) -> result.addAttention(name, plane, maps)));
        List<MemberSweep> sweeps = new ArrayList<>();
        for (int k = 0; k < members.size(); k++) {
            EnsembleMember member = members.get(k);
            TilePlanner planner = planner(member, prepared.get(k).image().grid(), callOptions);
            TilePlan plan = planner.choose(budget(callOptions));
            sweeps.add(new MemberSweep(member, prepared.get(k), planner, plan, progress));
        }
        while (!sweeps.isEmpty()) {
            // The one furthest behind, so that few planes wait for other models.
            MemberSweep next = sweeps.stream()
                    .min(Comparator.comparingInt(MemberSweep::planes))
                    .orElseThrow();
            next.step(mean, ofGate);
            if (next.finished()) {
                sweeps.remove(next);
            }
        }
        gates.values().forEach(PlaneMean::requireComplete);
        Segmentation found = result.result(
                        new Assessment(members, prepared, result.confidence(), objects != null).reliability())
                .withWarnings(spacingWarnings(prepared.get(0).original()));
        Segmentation kept = keepLargest.none()
                ? found
                : found.withLabels(LargestComponent.keep(found.labels(), found.labelSet(), keepLargest));
        progress.finish();
        return kept;
    }

    private List<String> spacingWarnings(Grid grid) {
        return members.stream()
                .flatMap(member -> member.model().preprocessing().spacingWarnings(grid).stream())
                .distinct()
                .toList();
    }

    /** Closes the engines. Later calls throw {@link IllegalStateException}, running ones at their next block. */
    @Override
    public void close() {
        members.forEach(member -> member.engine().close());
    }
}
