package org.attunet.bundle;

import java.util.ArrayList;
import java.util.List;
import org.attunet.bundle.OnnxGraph.Node;
import org.attunet.preprocess.IntensityStep;
import org.attunet.preprocess.Normalisation;

/**
 * Normalisations as operators of an ONNX graph, for what other programs don't do rightly by themselves: fixed intensities
 * (window, fixed mean and deviation, fixed range), and statistics of each of several channels. Statistics of a single
 * channel stay a step of {@code rdf.yaml}, which programs compute over a whole image before they cut it into tiles.
 * Percentiles stay there too: ONNX has no operator for them.
 */
final class NormalisationNodes {
    /** What the names of the operators and constants begin with. */
    static final String PREFIX = "normalise.";

    private static final double EPSILON = 1e-9;

    private final OnnxGraph graph;
    private final List<Node> nodes = new ArrayList<>();
    private String last;

    private NormalisationNodes(OnnxGraph graph, String input) {
        this.graph = graph;
        this.last = input;
    }

    /** Returns whether a model's normalisation becomes operators. */
    static boolean suit(ModelDescription model) {
        List<IntensityStep> steps = steps(model.preprocessing().normalisation());
        boolean fixed = steps.stream()
                .allMatch(step -> step instanceof IntensityStep.Clip || step instanceof IntensityStep.Linear);
        boolean known = steps.stream().noneMatch(IntensityStep::hasPercentiles);
        return !steps.isEmpty() && known && (fixed || model.shape().channels() > 1);
    }

    /**
     * Puts the operators before all others of a graph, which take the result by its name: those of the normalisation, or one
     * that adds 0. OpenCV 4.7 to 4.12 take images' sizes for 0 until they are known, and for 1 after a sum; so all sizes are 1
     * from here on, or they would refuse to join maps of either kind.
     */
    static void add(OnnxGraph graph, ModelDescription model, String input, String result) {
        NormalisationNodes own = new NormalisationNodes(graph, input);
        if (suit(model)) {
            steps(model.preprocessing().normalisation()).forEach(own::add);
        } else {
            own.node("Add", "same", List.of(input, own.constant("zero", 0)));
        }
        own.nodes.replaceAll(node -> node.renamed(name -> name.equals(own.last) ? result : name));
        graph.nodes.addAll(0, own.nodes);
    }

    /** The steps of a normalisation; none if intensities stay as they are. */
    static List<IntensityStep> steps(Normalisation normalisation) {
        if (normalisation instanceof Normalisation.Window w) {
            return List.of(new IntensityStep.Clip(w.low(), w.high()), linear(w.low(), w.high() - w.low()));
        } else if (normalisation instanceof Normalisation.ClipStandardise c) {
            return List.of(new IntensityStep.Clip(c.low(), c.high()), linear(c.mean(), c.std()));
        } else if (normalisation instanceof Normalisation.UnitRange u) {
            return List.of(linear(u.low(), u.high() - u.low()));
        } else if (normalisation instanceof Normalisation.ZScore) {
            return List.of(new IntensityStep.Standardise(0));
        } else if (normalisation instanceof Normalisation.PercentileClip p) {
            return List.of(new IntensityStep.ClipPercentiles(p.low(), p.high()), new IntensityStep.Standardise(0));
        } else if (normalisation instanceof Normalisation.MinMax) {
            return List.of(new IntensityStep.Range(0, 100, 0));
        }
        return normalisation instanceof Normalisation.Steps own ? own.steps() : List.of();
    }

    private static IntensityStep linear(double centre, double width) {
        return new IntensityStep.Linear(1 / width, -centre / width);
    }

    private void add(IntensityStep step) {
        if (step instanceof IntensityStep.Clip c) {
            clip(c.low(), c.high());
        } else if (step instanceof IntensityStep.Linear l) {
            // The centre first: a gain of 1/1000 and an offset of -30 would cancel in 32 bits.
            node("Sub", "centred", List.of(last, constant("centre", -l.offset() / l.gain())));
            node("Mul", "scaled", List.of(last, constant("gain", l.gain())));
        } else if (step instanceof IntensityStep.Standardise s) {
            shift();
            node("Sub", "centred", List.of(last, mean(last)));
            String centred = last;
            node("Mul", "squared", List.of(centred, centred));
            node("Sqrt", "deviation", List.of(mean(last)));
            divide(centred, last, s.epsilon());
        } else if (step instanceof IntensityStep.Range r) {
            shift();
            String shifted = last;
            node("Neg", "turned", List.of(shifted));
            String range = greatest(last);
            node("Add", "lifted", List.of(shifted, range));
            divide(last, range, r.epsilon());
        }
    }

    /**
     * By two ReLUs, because OpenCV 4.6 has no Clip whose bounds are inputs. 8-bit networks, which it doesn't run, get Clip: it
     * rounds nothing, and a value between two of the 256 steps would go to the other one.
     */
    private void clip(double low, double high) {
        if (graph.opset() > OnnxGraph.OPSET) {
            node("Clip", "clipped", List.of(last, constant("low", low), constant("high", high)));
            return;
        }
        boolean below = Float.isFinite((float) low);
        if (below) {
            node("Sub", "above", List.of(last, constant("low", low)));
            node("Relu", "kept", List.of(last));
        }
        if (Float.isFinite((float) high)) {
            node("Sub", "below", List.of(constant("width", below ? high - low : high), last));
            node("Relu", "left", List.of(last));
            node("Sub", "clipped", List.of(constant("high", high), last));
        } else if (below) {
            node("Add", "clipped", List.of(last, constant("low", low)));
        }
    }

    /** Subtracts each channel's greatest value, so that a constant channel becomes exactly 0. */
    private void shift() {
        node("Sub", "shifted", List.of(last, greatest(last)));
    }

    // Pooling, because OpenCV's Reduce operators are wrong for images of unknown size.
    private String greatest(String of) {
        return pooled("GlobalMaxPool", "greatest", of);
    }

    private String mean(String of) {
        return pooled("GlobalAveragePool", "mean", of);
    }

    private String pooled(String type, String name, String of) {
        String unique = unique(name);
        nodes.add(Node.of(type, unique, List.of(of), unique));
        return unique;
    }

    private void divide(String values, String width, double epsilon) {
        node("Add", "divisor", List.of(width, constant("epsilon", Math.max(EPSILON, epsilon))));
        node("Div", "divided", List.of(values, last));
    }

    private void node(String type, String name, List<String> inputs) {
        String unique = unique(name);
        nodes.add(Node.of(type, unique, inputs, unique));
        last = unique;
    }

    private String constant(String name, double value) {
        String unique = unique(name);
        graph.constants.add(OnnxTensor.single(value).named(unique));
        return unique;
    }

    private String unique(String name) {
        return PREFIX + (nodes.size() + 1) + "." + name;
    }
}
