package org.attunet.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.attunet.bundle.Author;
import org.attunet.bundle.BundleContent;
import org.attunet.bundle.BundleWriter;
import org.attunet.bundle.InferenceSettings;
import org.attunet.bundle.ModelCard;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.Publication;
import org.attunet.bundle.TestCase;
import org.attunet.bundle.TrainingProfile;
import org.attunet.dataset.Case;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.Split;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.Sizes;
import org.attunet.predict.OnnxOptions;
import org.attunet.predict.Segmenter;
import org.attunet.predict.TileMode;
import org.attunet.torch.TorchNetwork;
import org.attunet.train.Evaluation;
import org.attunet.train.ProfileMeasurement;
import org.attunet.train.Run;
import org.attunet.train.TorchEngine;
import org.attunet.weights.StateDict;
import org.attunet.weights.TorchFile;
import org.jspecify.annotations.Nullable;

/**
 * Exports a run as a bundle that runs without libtorch: the network as ONNX, checked against libtorch, with its
 * description, test case, card and cover.
 */
public final class BundleExport {
    /** The longest side of the test case, on which engines are compared. */
    private static final int TEST_SIDE = 128;

    private static final int TEST_SIDE_3D = 64;

    private BundleExport() {}

    /**
     * What to export.
     *
     * @param data the data set that the run was trained on, whose held-out cases are measured for the card; null for a card
     *     without scores
     * @param int8 how a quantised model is made; null for none
     * @param half whether weights are stored in half precision, which halves the bundle; scores are measured with them
     * @param cover whether the bundle gets a picture of a measured case
     * @param about the maker's facts
     * @param onnx how ONNX Runtime computes while the export measures
     */
    public record Request(
            @Nullable DataSet data, @Nullable Int8 int8, boolean half, boolean cover, About about, OnnxOptions onnx) {}

    /**
     * The maker's facts about a model.
     *
     * @param name null for the one that it was trained under
     * @param description a sentence or two; null for one derived from its labels
     * @param authors who made it
     * @param licence the SPDX identifier of its licence; null if unknown
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
     * @param calibration the data set whose cases give ranges and Dice; cases that the run held out are not used
     * @param maxDiceDrop the greatest drop of mean Dice that is accepted, 0 or more
     */
    public record Int8(DataSet calibration, double maxDiceDrop) {
        /** Checks the drop. */
        public Int8 {
            if (!(maxDiceDrop >= 0)) {
                throw new ConfigException("--max-dice-drop", maxDiceDrop, "a number of 0 or more");
            }
        }
    }

    /**
     * The outcome of an export.
     *
     * @param model the exported model
     * @param largestDifference between the logits of ONNX Runtime and libtorch on the test case
     * @param measured what the evaluated cases are, such as {@code held-out cases}
     * @param evaluation through ONNX Runtime; null without data
     * @param quantisation with mean Dice over the calibration cases as scores; null if not requested
     * @param int8Evaluation of the quantised model; null without data or quantisation
     * @param calibration of the probabilities on the validation cases; null if there are none
     */
    public record Result(
            ModelDescription model,
            double largestDifference,
            String measured,
            @Nullable Evaluation evaluation,
            Quantisation.@Nullable Result quantisation,
            @Nullable Evaluation int8Evaluation,
            ModelCard.@Nullable Calibration calibration) {}

    /** Receives the progress of an export on the exporting thread. */
    public interface Listener {
        /**
         * Some of the phase's cases are done; a phase ends with its last case or with the start of another.
         *
         * @param phase a description for the user
         */
        void at(String phase, int done, int total);
    }

    /**
     * Writes the bundle, whole or not at all: a zip file if the name ends so, else a folder.
     *
     * @param listener receives the progress of measurements
     * @throws AttunetException if ONNX Runtime and libtorch disagree, quantising costs more Dice than allowed, or the data
     *     is not the run's
     */
    public static Result write(Run run, Request request, Path target, Listener listener) {
        ModelDescription trained = ModelDescription.read(run.model());
        String name = request.about().name();
        ModelDescription model = name == null ? trained : trained.withName(name);
        var exported = new ExportedRun(run, model, request.onnx(), listener);
        int[] size = testSize(model);
        byte[] full = onnx(run);
        double difference = check(exported, full, OnnxExport.testInput(model.network(), size), size);
        byte[] onnx = request.half() ? HalfPrecisionWeights.of(full) : full;
        Int8 int8 = request.int8();
        Quantisation.Result quantised = int8 == null
                ? null
                : new CalibrationCases(exported, int8.calibration()).quantise(full, int8.maxDiceDrop());
        byte @Nullable [] quantisedModel = quantised == null ? null : quantised.model();
        MeasuredModel measured = request.data() == null
                ? MeasuredModel.withoutData()
                : MeasuredModel.of(exported, onnx, quantisedModel, request.data(), request.cover() ? size : null);
        BundleWriter.write(
                content(
                        exported,
                        request,
                        onnx,
                        quantisedModel,
                        measured,
                        profile(exported, onnx, request.data(), measured.temperature())),
                target);
        return new Result(
                model,
                difference,
                measured.cases(),
                measured.evaluation(),
                quantised,
                measured.int8Evaluation(),
                measured.card().calibration());
    }

    @SuppressWarnings("NullAway") // javac 17 leaves @Nullable of records' arrays out of the class files of core
    private static BundleContent content(
            ExportedRun exported,
            Request request,
            byte[] onnx,
            byte @Nullable [] int8,
            MeasuredModel measured,
            @Nullable TrainingProfile profile) {
        ModelDescription model = exported.model();
        Run run = exported.run();
        About about = request.about();
        var tests = new TestOutputs(model, measured.temperature(), request.onnx());
        TestCase test = tests.ofInput(onnx, measured.crop(), testSize(model));
        return tests.checked(new BundleContent(
                model,
                new BundleContent.Weights(
                        onnx, int8 == null ? null : tests.quantised(int8, test), stateDict(run, request.half())),
                test,
                new InferenceSettings(
                        TileMode.tiling(model.network()), measured.temperature(), run.keepLargest(), run.objects()),
                profile,
                measured.card(),
                new Publication(
                        about.description() != null
                                ? about.description()
                                : run.objects() == null
                                        ? Publication.defaultDescription(model.labels())
                                        : Publication.OBJECTS,
                        about.authors(),
                        about.licence(),
                        about.version(),
                        Instant.now(),
                        measured.cover())));
    }

    /** The run's own profile, or with data one that is measured at the temperature that the bundle gets. */
    private static @Nullable TrainingProfile profile(
            ExportedRun exported, byte[] onnx, @Nullable DataSet data, double temperature) {
        if (data == null) {
            return exported.run().profile();
        }
        Split split = exported.split();
        List<Case> cases = split == null ? data.cases() : split.cases(data, Split.Part.TRAIN);
        try (Segmenter segmenter = exported.segmenter(onnx)) {
            return ProfileMeasurement.of(
                    segmenter.withTemperature(temperature),
                    cases,
                    (done, total) -> exported.listener().at("Measuring training cases", done, total));
        }
    }

    private static byte[] onnx(Run run) {
        try (TorchNetwork network = run.network("cpu")) {
            return OnnxExport.of(network);
        }
    }

    private static byte[] stateDict(Run run, boolean half) {
        if (half) {
            return TorchFile.bytes(HalfPrecisionWeights.of(StateDict.read(run.weights())));
        }
        try {
            return Files.readAllBytes(run.weights());
        } catch (IOException e) {
            throw new AttunetException(
                    run.weights().toString(), "it can't be read (" + e + ")", "the run's weights", "check the file", e);
        }
    }

    private static double check(ExportedRun exported, byte[] onnx, float[] input, int[] size) {
        try (var torch = TorchEngine.owning(exported.run().network("cpu"), "cpu");
                var engine = exported.engine(onnx)) {
            return OnnxExport.check(torch, engine, input, size);
        }
    }

    /** The patch, limited to a size that is small beside the model. */
    private static int[] testSize(ModelDescription model) {
        int multiple = model.network().multiple();
        int side = model.network().dimension() == 2 ? TEST_SIDE : TEST_SIDE_3D;
        int most = Math.max(multiple, side / multiple * multiple);
        int[] size = model.patch();
        for (int axis = 0; axis < size.length; axis++) {
            size[axis] = Math.min(Sizes.roundUp(size[axis], multiple), most);
        }
        return size;
    }
}
