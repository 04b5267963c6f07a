package org.attunet.bundle;

import static org.attunet.bundle.Reader.CORE;
import static org.attunet.bundle.Reader.JDLL;
import static org.attunet.bundle.Reader.ONNXRUNTIME;
import static org.attunet.bundle.Reader.OPENCV;
import static org.attunet.bundle.Reader.QUPATH;
import static org.attunet.bundle.Reader.WEB;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.attunet.error.AttunetException;

/**
 * Which programs run a bundle, attunet's or another program's, and what then differs from the bundle's own intent.
 *
 * <p>The rules were found by running the programs' code on bundles, and by reading it; each names the place in the comment
 * beside it. They hold for the versions in {@link Reader#title}.
 */
public final class ReaderCheck {
    private final ZooFacts facts;
    private final List<Reader> whom;
    private final List<Finding> findings = new ArrayList<>();

    private ReaderCheck(ZooFacts facts, List<Reader> whom) {
        this.facts = facts;
        this.whom = whom;
    }

    /** How much a finding matters. */
    public enum Weight {
        /** The program doesn't run the model. */
        REFUSED,
        /** The numbers are wrong. */
        WRONG,
        /** The numbers are right, or differ near borders of tiles only. */
        REMARK
    }

    /** One thing that a program does with a model. */
    public record Finding(Reader reader, Weight weight, String text) {}

    /**
     * Checks a bundle.
     *
     * @param folderOrZip the bundle; attunet needs not be able to run it
     * @param readers the programs of interest
     * @return the findings by program, the weightiest first
     * @throws AttunetException if it is no bundle, or has no ONNX file
     */
    public static List<Finding> of(Path folderOrZip, List<Reader> readers) {
        ReaderCheck check = new ReaderCheck(ZooFacts.read(folderOrZip), readers);
        check.description();
        check.onnx();
        check.preprocessing();
        check.postprocessing();
        check.sizes();
        check.findings.sort(
                (a, b) -> a.reader != b.reader ? a.reader.compareTo(b.reader) : a.weight.compareTo(b.weight));
        return List.copyOf(check.findings);
    }

    private void say(boolean holds, Reader reader, Weight weight, String text) {
        if (holds && whom.contains(reader)) {
            findings.add(new Finding(reader, weight, text));
        }
    }

    private void description() {
        // ModelDescriptorV05.buildModelDescription takes the id's text without a check.
        say(facts.id().isEmpty(), JDLL, Weight.REFUSED, "rdf.yaml has no id");
        // TileCalculator.getTileList multiplies an output's size by it; the engine then ends the JVM.
        say(
                facts.scaledOutput(),
                JDLL,
                Weight.REFUSED,
                "an output has a voxel size, which it takes for a factor of its number of voxels");
        // Resource.deserializeResourceFields requires the field.
        say(!facts.hasLicence(), QUPATH, Weight.REFUSED, "rdf.yaml has no license");
        // BioimageIoTools.buildPatchClassifierParams takes one.
        say(facts.outputs() != 1, QUPATH, Weight.REFUSED, facts.outputs() + " outputs");
        // A plane of an image is all that QuPath gives to a model.
        say(facts.dimension() == 3, QUPATH, Weight.REFUSED, "the model is 3D");
        // v0_5.ModelDescr: get_test_output_sample.
        say(!facts.tested(), CORE, Weight.REMARK, "an output has no test tensor, so the model can't be tested");
        // v0_5.ReproducibilityTolerance against the test output's maximum.
        say(
                facts.tolerance() > 0.01 * facts.testMaximum(),
                CORE,
                Weight.REFUSED,
                "the absolute tolerance is more than 1% of the test output's maximum");
    }

    private void onnx() {
        int opset = facts.opset();
        say(true, ONNXRUNTIME, Weight.REMARK, "version " + oldest(opset) + " or later");
        // Its engines end with ONNX Runtime 1.13.1 (engines.json).
        say(
                opset > 17 || facts.engine() > 18,
                JDLL,
                Weight.REFUSED,
                "ONNX operator set " + opset + "; its engines know 17 and less");
        // EngineInfo.defineCompatibleDLEngineWithRdfYamlWeights; availableDLVersions.json.
        say(
                facts.engine() < 17,
                JDLL,
                Weight.REMARK,
                "its engine for operator set " + facts.engine() + " is not there for ARM processors");
        // The engine counts the graph's outputs, not those of rdf.yaml.
        say(
                facts.graphOutputs() != facts.outputs(),
                JDLL,
                Weight.REFUSED,
                "rdf.yaml names " + facts.outputs() + " outputs, the model gives " + facts.graphOutputs());
        // onnx_graph_simplifier.cpp, getMatFromTensor.
        say(facts.half(), OPENCV, Weight.REFUSED, "weights of half precision");
        // net_impl.cpp, forwardLayer: Deconvolution of volumes.
        say(facts.ofVolumes("ConvTranspose"), OPENCV, Weight.REFUSED, "transposed convolutions of volumes");
        // onnx_importer.cpp, parseClip.
        say(facts.has("Clip"), OPENCV, Weight.REFUSED, "the operator Clip");
        // onnx_importer.cpp, parseResize.
        say(facts.ofVolumes("Resize"), OPENCV, Weight.REFUSED, "interpolation of volumes");
        // pooling_layer.cpp, getMemoryShapes.
        say(facts.ofVolumes("GlobalMaxPool"), OPENCV, Weight.REFUSED, "statistics of the channels of volumes");
        // DjlTools.matToNDArray closes the blob that ONNX Runtime still reads (channels first, 3 or 4 of them).
        say(
                facts.channels() == 3 || facts.channels() == 4,
                QUPATH,
                Weight.WRONG,
                "colour images: it frees the image's memory while ONNX Runtime reads it, so results differ between runs");
        // conv_layer and concat_layer of 4.7 and later; the default engine of 5.0 refuses attention gates.
        say(facts.dimension() == 3, OPENCV, Weight.REMARK, "version 4.6; later ones were seen to refuse volumes");
    }

    private void preprocessing() {
        for (ZooFacts.Step step : facts.preprocessing()) {
            boolean percentiles = step.name().equals("clip") && step.has("min_percentile", "max_percentile");
            say(percentiles, JDLL, Weight.REFUSED, "clip to percentiles");
            say(percentiles, QUPATH, Weight.WRONG, "clip to percentiles is left out");
            anyStep(step, "before");
            // BioimageIoTools.transformToOp has no case for it.
            say(
                    step.name().equals("fixed_zero_mean_unit_variance"),
                    QUPATH,
                    Weight.WRONG,
                    "fixed_zero_mean_unit_variance is left out");
            boolean fitted =
                    step.name().equals("zero_mean_unit_variance") || step.name().equals("scale_range");
            // ZeroMeanUnitVarianceTransformation: all channels get the last one's statistics.
            say(
                    fitted && facts.channels() > 1 && !step.over("channel"),
                    JDLL,
                    Weight.WRONG,
                    step.name() + " of several channels: all get the last one's statistics");
            // PatchClassifierParams: preprocessing is applied to each patch.
            say(fitted, QUPATH, Weight.REMARK, "intensities are normalised tile by tile, not image by image");
        }
        for (Reader tiles : List.of(JDLL, QUPATH)) {
            say(
                    facts.ownStatistics(),
                    tiles,
                    Weight.REMARK,
                    "the model normalises each tile by itself: give whole images, or large tiles");
        }
    }

    private void postprocessing() {
        for (ZooFacts.Step step : facts.postprocessing()) {
            // JDLL has no SoftmaxTransformation; QuPath's transformToOp no case for it.
            say(step.name().equals("softmax"), JDLL, Weight.REFUSED, "the step softmax");
            say(step.name().equals("softmax"), QUPATH, Weight.WRONG, "softmax is left out");
            anyStep(step, "after");
        }
    }

    /** What holds for a step of either side of the model. */
    private void anyStep(ZooFacts.Step step, String side) {
        // bioimageio.spec ScaleLinear's gain is a list in qupath.bioimageio.spec.tensor.Processing.
        say(
                step.name().equals("scale_linear") && !step.lists("gain", "offset"),
                QUPATH,
                Weight.REFUSED,
                "scale_linear with a number");
        for (Reader file : List.of(ONNXRUNTIME, WEB, OPENCV)) {
            say(!step.name().equals("ensure_dtype"), file, Weight.REMARK, "do " + step.name() + " yourself " + side);
        }
    }

    private void sizes() {
        // TileMaker: a tile is the size less two halos, rounded to the step.
        say(
                facts.haloMisfits(),
                JDLL,
                Weight.REMARK,
                "twice the halo is no multiple of the size's step, so an image of one tile becomes several");
        // TileMaker.extendMirrorDouble.
        say(
                facts.halo(),
                JDLL,
                Weight.REMARK,
                "it mirrors the image at its border, so masks within the network's reach of it may differ");
        // OutputTensor.getHalo reads format 0.4's field only.
        say(
                facts.halo() && facts.axesListed(),
                QUPATH,
                Weight.REMARK,
                "it takes the halo as 0: choose overlapping tiles, or borders of tiles show");
    }

    /** The oldest version of ONNX Runtime that reads an operator set. */
    private static String oldest(int opset) {
        if (opset <= 13) {
            return "1.8";
        }
        return switch (opset) {
            case 14 -> "1.8";
            case 15 -> "1.10";
            case 16 -> "1.11";
            case 17 -> "1.12.1";
            case 18 -> "1.14";
            case 19 -> "1.15";
            case 20 -> "1.17";
            case 21 -> "1.18";
            default -> "1.20";
        };
    }
}
