package org.attunet.predict;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleConsumer;
import java.util.function.Function;
import org.attunet.bundle.Bundle;
import org.attunet.bundle.KeepLargest;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.Precision;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.preprocess.PlaneResampling;
import org.attunet.preprocess.Prepared;
import org.attunet.preprocess.Preprocessing;

/**
 * A trained model, or several that vote, that segments images: preprocessing, network, and the way back to the image's own
 * grid.
 *
 * <pre>{@code
 * try (Segmenter segmenter = Segmenter.open(Path.of("model.zip"))) {
 *     Segmentation result = segmenter.segment(Images.read(Path.of("scan.nii.gz")));
 *     Images.write(result.labels(), Path.of("mask.nii.gz"));
 * }
 * }</pre>
 *
 * <p>The prepared image is padded with zeros to a multiple of the network's coarsest cell, and cropped back. It is
 * computed at once where the memory budget allows that, else tile by tile: exactly, with tiles that carry the network's
 * reach, or blended ({@link TileMode} says when). A 2D network takes a volume slice by slice. Probabilities, after sigmoid or
 * softmax of the logits over the model's temperature, are what is averaged over blended tiles, mirror images and models;
 * they are resampled to the image's grid before models are averaged and the largest one is taken. Finished planes go
 * straight on to the result, so beside the image and the result memory is needed for a tile and a slab of the image only,
 * which {@link #plan} foretells.
 *
 * <p>Results are the same each time for the same engine and options. A segmenter keeps no state between calls: it may be
 * used by several threads at once if its engine may, as {@link Engine} demands.
 */
public final class Segmenter implements AutoCloseable {
    private final List<EnsembleMember> members;
    private final SegmenterOptions options;
    private final KeepLargest keepLargest;
    private final long machineMemory; // asked for once, so that every image of one segmenter gets the same tiles

    private Segmenter(List<EnsembleMember> members, SegmenterOptions options, KeepLargest keepLargest) {
        this.members = List.copyOf(members);
        this.options = options;
        this.keepLargest = keepLargest;
        this.machineMemory = MemoryBudget.ofMachine();
    }

    /**
     * Opens a bundle, a folder or a zip file in the layout of the BioImage Model Zoo, to be computed by ONNX Runtime in
     * 32-bit floating point on all cores.
     *
     * @throws AttunetException where the bundle is damaged, or a foreign one that needs what this program can't do
     */
    public static Segmenter open(Path bundle) {
        return open(bundle, SegmenterOptions.defaults(), OnnxOptions.defaults(), Precision.FP32);
    }

    /**
     * Opens a bundle; its temperature is applied to the logits.
     *
     * @param bundle a folder or zip file, written by attunet or another program
     * @param options how images are segmented
     * @param onnx how ONNX Runtime computes
     * @param precision which of the bundle's models is taken
     * @throws AttunetException where the bundle is damaged, has no model of this precision, or is a foreign one that needs
     *     what this program can't do
     */
    public static Segmenter open(Path bundle, SegmenterOptions options, OnnxOptions onnx, Precision precision) {
        Bundle opened = Bundle.open(bundle);
        String name = opened.onnxPath(precision).toString();
        Engine engine =
                OnnxEngine.open(opened.onnx(precision), name, opened.model().shape(), onnx);
        return new Segmenter(
                List.of(new EnsembleMember(
                        engine, opened.model(), opened.settings().temperature())),
                options,
                opened.settings().keepLargest());
    }

    /**
     * A segmenter that owns the engine and closes it; logits become probabilities as they are.
     *
     * @throws AttunetException where the engine computes another network than the model describes
     */
    public static Segmenter of(Engine engine, ModelDescription model, SegmenterOptions options) {
        return of(engine, model, 1, options);
    }

    /**
     * A segmenter that owns the engine and closes it.
     *
     * @param temperature what logits are divided by before they become probabilities, above 0; without meaning for a
     *     network whose outputs are probabilities already
     * @throws AttunetException where the engine computes another network than the model describes
     */
    public static Segmenter of(Engine engine, ModelDescription model, double temperature, SegmenterOptions options) {
        return new Segmenter(List.of(new EnsembleMember(engine, model, temperature)), options, KeepLargest.NONE);
    }

    /**
     * Several models as one, which says what they say on average: the probabilities of each, on the image's own grid, count
     * alike. The models may work on different grids and intensities. Smaller components are removed where all models
     * would remove the same ones.
     *
     * @param segmenters what the models are taken from, each with its temperature; the result owns and closes them
     * @param options in place of theirs
     * @throws AttunetException naming two models that don't agree in labels, outputs, channels, dimension or orientation
     */
    public static Segmenter ensemble(List<Segmenter> segmenters, SegmenterOptions options) {
        List<EnsembleMember> members = new ArrayList<>();
        for (Segmenter segmenter : segmenters) {
            members.addAll(segmenter.members);
        }
        if (members.isEmpty()) {
            throw new ConfigException("models", 0, "1 model or more");
        }
        for (int k = 1; k < members.size(); k++) {
            members.get(k).requireLike(members.get(0), k + 1);
        }
        KeepLargest shared = segmenters.get(0).keepLargest;
        boolean agree = segmenters.stream().allMatch(segmenter -> segmenter.keepLargest.equals(shared));
        return new Segmenter(members, options, agree ? shared : KeepLargest.NONE);
    }

    /**
     * The same models with another choice of what is removed from their labels; takes over the engines.
     *
     * @throws ConfigException where the models don't know one of the labels
     */
    public Segmenter withKeepLargest(KeepLargest other) {
        if (!model().labels().values().containsAll(other.labels())) {
            throw new ConfigException("keep largest", other.labels(), "labels of " + model().labels());
        }
        return new Segmenter(members, options, other);
    }

    /** Which labels are cut down to their largest component. */
    public KeepLargest keepLargest() {
        return keepLargest;
    }

    /** What the model is; of an ensemble, the first. */
    public ModelDescription model() {
        return members.get(0).model();
    }

    /** What each of the models is. */
    public List<ModelDescription> models() {
        return members.stream().map(EnsembleMember::model).toList();
    }

    /** What the first model's logits are divided by before they become probabilities; 1 where it isn't calibrated. */
    public double temperature() {
        return members.get(0).temperature();
    }

    /** The options that {@link #segment(Image)} works with. */
    public SegmenterOptions options() {
        return options;
    }

    /** The segmentation of an image as it was read; 1 channel serves a model of 3 by replication. */
    public Segmentation segment(Image image) {
        return segment(image, options);
    }

    /** The same with other options for this call. */
    public Segmentation segment(Image image, SegmenterOptions callOptions) {
        return segment(prepare(image), callOptions, share -> {});
    }

    /**
     * The segmentation of an image that this model's preprocessing has prepared.
     *
     * @throws AttunetException where the models of an ensemble don't share one preprocessing
     */
    public Segmentation segment(Prepared prepared) {
        return segment(prepared, options);
    }

    /** The same with other options for this call. */
    public Segmentation segment(Prepared prepared, SegmenterOptions callOptions) {
        Preprocessing shared = model().preprocessing();
        for (EnsembleMember member : members) {
            if (!member.model().preprocessing().equals(shared)) {
                throw new AttunetException(
                        "ensemble",
                        "its models prepare images in different ways",
                        "one preprocessing for a prepared image",
                        "give the image as it was read");
            }
        }
        Prepared[] each = new Prepared[members.size()];
        Arrays.fill(each, prepared);
        return segment(List.of(each), callOptions, share -> {});
    }

    /** The image as each of the models wants it; models that want the same share it. */
    List<Prepared> prepare(Image image) {
        Map<Preprocessing, Prepared> different = new LinkedHashMap<>();
        List<Prepared> each = new ArrayList<>();
        for (EnsembleMember member : members) {
            each.add(different.computeIfAbsent(member.model().preprocessing(), way -> way.prepare(image)));
        }
        return each;
    }

    /**
     * The same, told how far it is.
     *
     * @param progress hears the share that is computed, from above 0 to 1, after each block, on the thread that
     *     calls; what it throws ends the segmentation and passes through
     */
    public Segmentation segment(Image image, SegmenterOptions callOptions, DoubleConsumer progress) {
        return segment(prepare(image), callOptions, progress);
    }

    /** The segmentation of an image that has been prepared for each of the models. */
    Segmentation segment(List<Prepared> prepared, SegmenterOptions callOptions, DoubleConsumer progress) {
        int outputs = model().shape().outputs();
        boolean disagreement = disagreement(callOptions);
        var findings = new SegmentationBuilder(prepared.get(0), model().labels(), outputs, callOptions, disagreement);
        var mean = new PlaneMean(members.size(), findings::add);
        Map<String, PlaneMean> gates = new LinkedHashMap<>();
        List<Voter> voters = new ArrayList<>();
        for (int k = 0; k < members.size(); k++) {
            voters.add(new Voter(members.get(k), prepared.get(k), callOptions));
        }
        long blocks = voters.stream().mapToLong(voter -> voter.walk.blocks()).sum();
        var done = new AtomicLong();
        Runnable each = () -> progress.accept((double) done.incrementAndGet() / blocks);
        while (true) {
            Voter next = null; // whoever is furthest behind, so that few planes wait for others
            for (Voter voter : voters) {
                if (!voter.walk.finished() && (next == null || voter.planes < next.planes)) {
                    next = voter;
                }
            }
            if (next == null) {
                break;
            }
            next.step(
                    mean,
                    gate -> gates.computeIfAbsent(
                            gate,
                            name -> new PlaneMean(
                                    members.size(), (plane, maps) -> findings.addAttention(name, plane, maps))),
                    each);
        }
        gates.values().forEach(PlaneMean::requireComplete);
        Segmentation result = findings.result();
        return keepLargest.none() ? result : result.withLabels(LargestComponent.keep(result.labels(), keepLargest));
    }

    /** One model on its way through an image. */
    private final class Voter {
        private final Prepared prepared;
        private final SlidingWindow.Walk walk;
        private final PlaneResampling resampling;
        private final Map<String, PlaneResampling> gates = new LinkedHashMap<>();
        private int planes; // that it has handed on

        Voter(EnsembleMember member, Prepared prepared, SegmenterOptions callOptions) {
            this.prepared = prepared;
            Image image = prepared.image();
            TilePlanner choice = choice(member, image.grid(), callOptions);
            walk = new SlidingWindow(member, choice, choice.choose(budget(callOptions))).walk(image);
            resampling = prepared.planeResampling(choice.maps());
        }

        void step(PlaneMean mean, Function<String, PlaneMean> ofGate, Runnable each) {
            PlaneBuffer.Sink sink = (count, maps, attention) -> {
                resampling.accept(count, maps, (plane, values) -> {
                    mean.add(plane, values);
                    planes++;
                });
                attention.forEach(
                        (gate, values) -> gates.computeIfAbsent(gate, name -> prepared.planeResampling(values.length))
                                .accept(count, values, ofGate.apply(gate)::add));
            };
            walk.step(sink, each);
        }
    }

    /**
     * How an image on a grid would be computed: the blocks, and the memory that they take; of an ensemble, by its first
     * model.
     *
     * @param grid the grid of the image as it was read
     */
    public TilePlan plan(Grid grid, SegmenterOptions callOptions) {
        EnsembleMember first = members.get(0);
        return choice(first, first.model().preprocessing().preparedGrid(grid), callOptions)
                .choose(budget(callOptions));
    }

    private TilePlanner choice(EnsembleMember member, Grid prepared, SegmenterOptions callOptions) {
        return new TilePlanner(
                member.engine().network(), member.model().patch(), prepared, callOptions, disagreement(callOptions));
    }

    /** Whether any of the models has learnt from mirror images, so that asking about them changes something. */
    public boolean mirrors() {
        return members.stream().anyMatch(member -> member.model().mirroredAxes() > 0);
    }

    /** The attention gates whose maps a result can hold, coarsest first; none where the models of an ensemble differ in them. */
    public List<String> gates() {
        List<String> first = members.get(0).engine().gates();
        boolean agree =
                members.stream().allMatch(member -> member.engine().gates().equals(first));
        return agree ? first : List.of();
    }

    /** Whether votes can and shall be compared. */
    private boolean disagreement(SegmenterOptions callOptions) {
        return callOptions.uncertainty() && (members.size() > 1 || (callOptions.mirror() && mirrors()));
    }

    /** The bytes for one model; an ensemble has a share for each of its models and one for planes that wait for others. */
    private long budget(SegmenterOptions callOptions) {
        long all = callOptions.memory() > 0 ? callOptions.memory() : machineMemory;
        return members.size() == 1 ? all : all / (members.size() + 1);
    }

    /** Closes the engines; calls afterwards fail. */
    @Override
    public void close() {
        members.forEach(member -> member.engine().close());
    }
}
