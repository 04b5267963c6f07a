package org.attunet.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.attunet.bundle.Bundle;
import org.attunet.bundle.ModelCard;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.Precision;
import org.attunet.bundle.TestCase;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkShape;
import org.attunet.predict.OnnxOptions;
import org.attunet.predict.TestRerun;
import org.attunet.weights.Architecture;

/** What {@code attunet info} tells of a model's bundle: the facts of its card. */
final class BundleInfo {
    private BundleInfo() {}

    static ObjectNode of(Bundle bundle, boolean verify) {
        ObjectNode facts = JsonNodeFactory.instance.objectNode();
        facts.put("what", bundle.own() ? "model" : "model made elsewhere");
        facts.put("file", bundle.place().toString());
        model(facts, bundle.model());
        text(facts, "description", bundle.description());
        text(facts, "version", bundle.version());
        text(facts, "licence", bundle.licence());
        facts.put("tiles", bundle.settings().tiling().toString());
        facts.put("temperature", bundle.settings().temperature());
        if (bundle.own()) {
            card(facts, bundle.card());
        }
        ObjectNode files = facts.putObject("files_bytes");
        bundle.files().forEach(files::put);
        if (verify) {
            verify(facts, bundle);
        }
        return facts;
    }

    private static void text(ObjectNode facts, String name, String value) {
        if (!value.isEmpty()) {
            facts.put(name, value);
        }
    }

    private static void model(ObjectNode facts, ModelDescription model) {
        facts.put("name", model.name());
        NetworkShape shape = model.shape();
        if (shape instanceof NetworkConfig network) {
            facts.put("network_in_words", OptionText.of(network));
            facts.set("network", OptionText.json(network));
            facts.put("parameters", Architecture.parameters(network));
        } else {
            facts.put(
                    "network_in_words",
                    shape.dimension() + "D, " + shape.channels() + " channels to " + shape.outputs()
                            + (shape.probabilities() ? " probabilities" : " logits"));
        }
        facts.put("preprocessing", model.preprocessing().toString());
        ObjectNode labels = facts.putObject("labels");
        model.labels().asMap().forEach((value, name) -> labels.put(value.toString(), name));
        for (int size : model.patch()) {
            facts.withArray("patch").add(size);
        }
    }

    private static void card(ObjectNode facts, ModelCard card) {
        facts.put("intended_use", card.intendedUse());
        card.limits().forEach(facts.putArray("limits")::add);
        ModelCard.Data data = card.data();
        if (data != null) {
            facts.put("data", data.name()).put("split", data.split());
            facts.putObject("cases")
                    .put("train", data.train())
                    .put("validation", data.validation())
                    .put("test", data.test());
        }
        ObjectNode scores = facts.putObject("scores");
        for (ModelCard.Score score : card.scores()) {
            String of = score.metric() + " of " + score.label() + " (" + score.cases() + ", "
                    + score.precision().name().toLowerCase(Locale.ROOT) + ")";
            scores.putObject(of)
                    .put("mean", score.mean())
                    .put("low", score.low())
                    .put("high", score.high())
                    .put("n", score.count());
        }
        ModelCard.Calibration calibration = card.calibration();
        if (calibration != null) {
            facts.putObject("calibration_error")
                    .put("before", calibration.errorBefore())
                    .put("after", calibration.errorAfter());
        }
    }

    private static void verify(ObjectNode facts, Bundle bundle) {
        List<String> names = bundle.verify();
        names.forEach(facts.putArray("hashes_right")::add);
        Optional<TestCase> test = bundle.test();
        ObjectNode reruns = facts.putObject("test_difference");
        if (test.isPresent()) {
            for (Precision precision : Precision.values()) {
                if (bundle.has(precision)) {
                    TestRerun rerun = TestRerun.of(bundle, test.get(), precision, OnnxOptions.defaults());
                    reruns.putObject(precision.name().toLowerCase(Locale.ROOT))
                            .put("largest", rerun.largest())
                            .put("mean", rerun.mean());
                }
            }
        }
    }
}
