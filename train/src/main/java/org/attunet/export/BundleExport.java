package org.attunet.export;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.attunet.bundle.Author;
import org.attunet.bundle.BundleContent;
import org.attunet.bundle.BundleWriter;
import org.attunet.bundle.InferenceSettings;
import org.attunet.bundle.ModelCard;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.Precision;
import org.attunet.bundle.Publication;
import org.attunet.bundle.TestCase;
import org.attunet.dataset.Case;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.Split;
import org.attunet.error.AttunetException;
import org.attunet.image.Sizes;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.Metric;
import org.attunet.metrics.Statistic;
import org.attunet.metrics.Summary;
import org.attunet.network.NetworkConfig;
import org.attunet.predict.Engine;
import org.attunet.predict.OnnxEngine;
import org.attunet.predict.OnnxOptions;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.predict.TileMode;
import org.attunet.preprocess.Normalisation;
import org.attunet.report.CaseChoice;
import org.attunet.report.Overlay;
import org.attunet.torch.TorchNetwork;
import org.attunet.train.Evaluation;
import org.attunet.train.Run;
import org.attunet.train.TorchEngine;
import org.attunet.weights.StateDict;
import org.attunet.weights.TorchFile;
import org.jspecify.annotations.Nullable;

/**
 * A run as a bundle that needs no libtorch: the network as ONNX, checked against libtorch, and everything that its users
 * should know of it.
 */
public final class BundleExport {
    /** The longest side of the block that engines are compared on and that test tensors have. */
    private static final int TEST_SIDE = 128;

    private static final int TEST_SIDE_3D = 64;

    /** Enough for a mean Dice that tells a drop of half a point, few enough to measure several times. */
    private static final int CALIBRATION_CASES = 20;

    private static final int CALIBRATION_BLOCKS = 16;

    private final Run run;
    private final ModelDescription model;
    private final NetworkConfig network;
    private final Request request;
    private final Listener listener;
    private int models; // measured on the calibration cases so far

    private BundleExport(Run run, Request request, Listener listener) {
        this.listener = listener;
        this.run = run;
        ModelDescription trained = ModelDescription.read(run.model());
        String name = request.about().name();
        this.model = name == null ? trained : trained.withName(name);
        this.network = model.network();
        this.request = request;
    }

    /**
     * What is asked of an export.
     *
     * @param data the data set that the run was trained on, whose held-out cases are measured for the card; null for a card
     *     without figures
     * @param int8 what a quantised model is made with; null for none
     * @param half whether weights are stored in half precision: a bundle of half the size, whose figures are measured with
     *     these weights
     * @param cover whether a picture of a measured case goes with it
     * @param about what its makers say of it
     * @param onnx how ONNX Runtime computes while the export measures
     */
    public record Request(
            @Nullable DataSet data, @Nullable Int8 int8, boolean half, boolean cover, About about, OnnxOptions onnx) {}

    /**
     * What its makers say of a model.
     *
     * @param name null for the one that it was trained under
     * @param description a sentence or two; null for one made from its labels
     * @param authors who made it
     * @param licence the SPDX identifier of its licence; null where it isn't told
     * @param version its own, such as 1.0.0
     */
    public record About(
            @Nullable String name,
            @Nullable String description,
            List<Author> authors,
            @Nullable String licence,
            String version) {
        /** Copies the list. */
        public About {
            authors = List.copyOf(authors);
        }
    }

    /**
     * How a model is quantised.
     *
     * @param calibration the data set whose cases give ranges and Dice; those that the run held out are left alone
     * @param options its loss is the greatest drop of mean Dice that is accepted
     */
    public record Int8(DataSet calibration, QuantisationOptions options) {}

    /**
     * What an export came to.
     *
     * @param largestDifference between the logits of ONNX Runtime and libtorch on the test block
     * @param measured which cases the evaluations are of, such as {@code held-out cases}
     * @param evaluation of them through ONNX Runtime; null where no data was given
     * @param quantisation what quantising came to, its scores mean Dice over the calibration cases; null where there was
     *     none
     * @param int8Evaluation of them with the quantised model; null where one of the two is missing
     * @param calibration of the probabilities on the validation cases; null where there are none
     */
    public record Result(
            double largestDifference,
            String measured,
            @Nullable Evaluation evaluation,
            Quantisation.@Nullable Result quantisation,
            @Nullable Evaluation int8Evaluation,
            ModelCard.@Nullable Calibration calibration) {}

    /** Hears how far an export is; called on the exporting thread. */
    public interface Listener {
        /**
         * So many of the phase's cases are done; a phase ends with its last or with the start of another.
         *
         * @param phase what is being done, in words
         */
        void at(String phase, int done, int total);
    }

    /**
     * Writes the bundle: a folder, or a zip file where the name ends so; whole or not at all.
     *
     * @param listener hears of the cases that are measured
     * @throws AttunetException where ONNX Runtime and libtorch disagree, quantising costs more Dice than allowed, or the
     *     data is not the run's
     */
    public static Result write(Run run, Request request, Path target, Listener listener) {
        return new BundleExport(run, request, listener).write(target);
    }

    private Result write(Path target) {
        int[] size = testSize();
        float[] intensities = testIntensities(size);
        float[] input = TestCase.networkInput(model, intensities, size);
        byte[] full = onnx();
        double difference;
        try (var torch = TorchEngine.owning(run.network("cpu"), "cpu");
                var engine = engine(full)) {
            difference = OnnxExport.check(torch, engine, input, size);
        }
        byte[] onnx = request.half() ? HalfPrecisionWeights.of(full) : full;
        Engine.Output output;
        try (var engine = engine(onnx)) {
            output = engine.run(input, 1, size, true);
        }
        Int8 int8 = request.int8();
        Quantisation.Result quantised = int8 == null ? null : quantised(full, int8);
        DataSet data = request.data();
        Measured measured = data == null ? Measured.NOTHING : measured(onnx, quantised, data);
        ModelCard.Calibration calibration = measured.card.calibration();
        double temperature = calibration == null ? 1 : calibration.temperature();
        About about = request.about();
        BundleContent content = new BundleContent(
                model,
                new BundleContent.Weights(
                        onnx,
                        OnnxExport.OPSET,
                        quantised == null ? null : quantised.model(),
                        stateDict(),
                        gates(output, size)),
                TestCase.of(model, intensities, output.logits(), size, temperature),
                new InferenceSettings(TileMode.tiling(network), temperature, run.keepLargest()),
                measured.card,
                new Publication(
                        about.description() == null
                                ? Publication.defaultDescription(model.labels())
                                : about.description(),
                        about.authors(),
                        about.licence(),
                        about.version(),
                        Instant.now(),
                        measured.cover));
        BundleWriter.write(content, target);
        return new Result(
                difference, measured.cases, measured.evaluation, quantised, measured.int8Evaluation, calibration);
    }

    /** What the data set tells of the model. */
    private record Measured(
            ModelCard card,
            byte @Nullable [] cover,
            String cases,
            @Nullable Evaluation evaluation,
            @Nullable Evaluation int8Evaluation) {
        static final Measured NOTHING = new Measured(ModelCard.plain(), null, "no cases", null, null);
    }

    private Measured measured(byte[] onnx, Quantisation.@Nullable Result quantised, DataSet data) {
        Split parts = Files.exists(run.split()) ? Split.read(run.split()) : null;
        List<Case> validation = parts == null ? List.of() : parts.cases(data, Split.Part.VALIDATION);
        List<Case> held = parts == null ? data.cases() : parts.cases(data, Split.Part.TEST);
        String which = parts == null ? "all cases" : "held-out cases";
        if (held.isEmpty()) {
            held = validation;
            which = "validation cases, which chose the weights";
        }
        ModelCard card = ModelCard.plain().withData(facts(data, parts));
        List<ModelCard.Score> scores = new ArrayList<>();
        byte @Nullable [] cover;
        Evaluation evaluation;
        try (Segmenter segmenter = segmenter(onnx)) {
            card = card.withCalibration(
                    TemperatureFit.of(segmenter, samples(validation), 1).orElse(null));
            evaluation = evaluation("Measuring cases", segmenter, held);
            scores.addAll(scores(evaluation.summary(), which, Precision.FP32));
            cover = request.cover() ? cover(segmenter, evaluation.results(), held) : null;
        }
        Evaluation int8Evaluation = null;
        if (quantised != null) {
            try (Segmenter segmenter = segmenter(quantised.model())) {
                int8Evaluation = evaluation("Measuring cases in int8", segmenter, held);
                scores.addAll(scores(int8Evaluation.summary(), which, Precision.INT8));
            }
        }
        return new Measured(card.withScores(scores), cover, which, evaluation, int8Evaluation);
    }

    /** Cases, each read when it is its turn. */
    private Iterable<TemperatureFit.Sample> samples(List<Case> cases) {
        return () -> IntStream.range(0, cases.size())
                .mapToObj(k -> {
                    Case.Pair pair = cases.get(k).read(model.labels());
                    listener.at("Calibrating on validation cases", k + 1, cases.size());
                    return new TemperatureFit.Sample(pair.image(), pair.labels());
                })
                .iterator();
    }

    private Quantisation.Result quantised(byte[] onnx, Int8 int8) {
        List<Case> cases = calibrationCases(int8.calibration());
        Quantisation.Result result = Quantisation.of(
                onnx, network, calibrationInputs(onnx, cases), int8.options(), bytes -> meanDice(bytes, cases));
        if (result.score() < result.floatScore() - int8.options().maxLoss()) {
            throw new AttunetException(
                    "--int8",
                    String.format(
                            Locale.ROOT,
                            "mean Dice falls from %.4f to %.4f on the calibration cases",
                            result.floatScore(),
                            result.score()),
                    String.format(
                            Locale.ROOT,
                            "a drop of at most %.4f",
                            int8.options().maxLoss()),
                    "export without --int8, or allow more with --max-dice-drop");
        }
        return result;
    }

    /** Cases that the run knows from training and validation, evenly spread over the data set, not too many. */
    private List<Case> calibrationCases(DataSet data) {
        List<Case> cases = data.cases();
        if (Files.exists(run.split())) {
            Split parts = Split.read(run.split());
            List<Case> known = new ArrayList<>(parts.cases(data, Split.Part.VALIDATION));
            known.addAll(parts.cases(data, Split.Part.TRAIN));
            cases = known.isEmpty() ? cases : known;
        }
        List<Case> chosen = new ArrayList<>();
        int count = Math.min(CALIBRATION_CASES, cases.size());
        for (int k = 0; k < count; k++) {
            chosen.add(cases.get((int) ((long) k * cases.size() / count)));
        }
        return chosen;
    }

    /** The blocks that the network gets when it predicts the cases. */
    private List<CalibrationInput> calibrationInputs(byte[] onnx, List<Case> cases) {
        var recorder = new CalibrationRecorder(engine(onnx), CALIBRATION_BLOCKS);
        try (Segmenter segmenter = Segmenter.of(recorder, model, SegmenterOptions.defaults())) {
            for (int k = 0; k < cases.size(); k++) {
                segmenter.segment(cases.get(k).image().read());
                listener.at("Reading calibration cases", k + 1, cases.size());
            }
        }
        return recorder.inputs();
    }

    private double meanDice(byte[] onnx, List<Case> cases) {
        try (Segmenter segmenter = segmenter(onnx)) {
            models++;
            String phase = models == 1 ? "Measuring calibration cases" : "Measuring int8 model " + (models - 1);
            return evaluation(phase, segmenter, cases).summary().meanDice();
        }
    }

    private Evaluation evaluation(String phase, Segmenter segmenter, List<Case> cases) {
        return Evaluation.of(segmenter, cases, 1, (done, total) -> listener.at(phase, done, total));
    }

    private Engine engine(byte[] onnx) {
        return OnnxEngine.open(onnx, "model", network, request.onnx());
    }

    private Segmenter segmenter(byte[] onnx) {
        return Segmenter.of(engine(onnx), model, SegmenterOptions.defaults());
    }

    private byte[] stateDict() {
        if (request.half()) {
            return TorchFile.bytes(HalfPrecisionWeights.of(StateDict.read(run.weights())));
        }
        try {
            return Files.readAllBytes(run.weights());
        } catch (IOException e) {
            throw new AttunetException(
                    run.weights().toString(), "it can't be read (" + e + ")", "the run's weights", "check the file", e);
        }
    }

    private byte[] onnx() {
        try (TorchNetwork weights = run.network("cpu")) {
            return OnnxExport.of(weights);
        }
    }

    /** The patch, no larger than is convenient to keep beside the model. */
    private int[] testSize() {
        int side = network.dimension() == 2 ? TEST_SIDE : TEST_SIDE_3D;
        int[] size = model.patch();
        for (int axis = 0; axis < size.length; axis++) {
            int most = Math.max(network.multiple(), side / network.multiple() * network.multiple());
            size[axis] = Math.min(Sizes.roundUp(size[axis], network.multiple()), most);
        }
        return size;
    }

    /** Random intensities of the kind that the normalisation expects: no patient's image belongs into a test. */
    private float[] testIntensities(int[] size) {
        double low = 0;
        double high = 1000;
        Normalisation normalisation = model.preprocessing().normalisation();
        if (normalisation instanceof Normalisation.Window window) {
            low = window.low();
            high = window.high();
        } else if (normalisation instanceof Normalisation.ClipStandardise clip) {
            low = clip.low();
            high = clip.high();
        } else if (normalisation instanceof Normalisation.UnitRange range) {
            low = range.low();
            high = range.high();
        } else if (normalisation instanceof Normalisation.Identity) {
            high = 1;
        }
        var random = new Random(1);
        float[] values = new float[OnnxExport.testInput(network, size).length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (low + (high - low) * random.nextDouble());
        }
        return values;
    }

    private static List<BundleContent.GateOutput> gates(Engine.Output output, int[] size) {
        return output.attention().stream()
                .map(map -> new BundleContent.GateOutput(
                        NetworkGraph.ATTENTION + map.gate(), map.channels(), size[0] / map.size()[0]))
                .toList();
    }

    private static ModelCard.Data facts(DataSet data, @Nullable Split parts) {
        Map<String, String> hashes = new TreeMap<>();
        data.cases().forEach(one -> hashes.put(one.id(), one.contentHash()));
        String fingerprint = sha256(hashes.toString());
        return parts == null
                ? new ModelCard.Data(
                        data.name(), fingerprint, 0, 0, data.cases().size(), "not known")
                : new ModelCard.Data(
                        data.name(),
                        fingerprint,
                        parts.train().size(),
                        parts.validation().size(),
                        parts.test().size(),
                        "By case, at random, before training.");
    }

    private List<ModelCard.Score> scores(Summary summary, String which, Precision precision) {
        List<ModelCard.Score> scores = new ArrayList<>();
        summary.labels().forEach((label, metrics) -> {
            for (Metric metric : List.of(Metric.DICE, Metric.NSD, Metric.HD95, Metric.ASSD)) {
                Statistic s = metrics.get(metric);
                if (s != null && s.mean() != null && s.low() != null && s.high() != null) {
                    scores.add(new ModelCard.Score(
                            precision,
                            which,
                            model.labels().asMap().getOrDefault(label, label.toString()),
                            metric.title(),
                            s.mean(),
                            s.low(),
                            s.high(),
                            s.n()));
                }
            }
        });
        return scores;
    }

    /** The case in the middle, neither the best nor the worst. */
    private byte @Nullable [] cover(Segmenter segmenter, List<CaseResult> results, List<Case> cases) {
        Map<String, String> chosen = CaseChoice.of(results);
        if (chosen.isEmpty()) {
            return null;
        }
        String name = chosen.getOrDefault("median", chosen.values().iterator().next());
        Case one = cases.stream().filter(c -> c.id().equals(name)).findFirst().orElseThrow();
        Case.Pair pair = one.read(model.labels());
        Overlay overlay = Overlay.of(
                pair.image(), pair.labels(), segmenter.segment(pair.image()).labels());
        return Overlay.png(overlay.comparison());
    }

    private static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has SHA-256
        }
    }
}
