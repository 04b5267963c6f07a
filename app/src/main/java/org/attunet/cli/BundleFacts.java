package org.attunet.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.attunet.bundle.Bundle;
import org.attunet.bundle.ModelCard;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.Precision;
import org.attunet.bundle.TrainingProfile;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkShape;
import org.attunet.predict.OnnxOptions;
import org.attunet.predict.TestRerun;
import org.jspecify.annotations.Nullable;

/** The output of {@code attunet info} for a bundle: model and card as a JSON tree. */
final class BundleFacts {
    private BundleFacts() {}

    static ObjectNode of(Bundle bundle, boolean verify) {
        ObjectNode facts = JsonNodeFactory.instance.objectNode();
        facts.put("what", bundle.own() ? "model" : "model made elsewhere");
        facts.put("file", bundle.place().toString());
        putModel(facts, bundle.model(), bundle.settings().objects() != null);
        putText(facts, "description", bundle.description());
        putText(facts, "version", bundle.version());
        putText(facts, "licence", bundle.licence());
        facts.put("tiles", bundle.settings().tiling().toString());
        facts.put("temperature", bundle.settings().temperature());
        putProfile(facts, bundle.profile().orElse(null));
        if (bundle.own()) {
            putCard(facts, bundle.card());
        }
        bundle.files().forEach(facts.putObject("files_bytes")::put);
        if (verify) {
            verify(facts, bundle);
        }
        return facts;
    }

    private static void putText(ObjectNode facts, String name, String value) {
        if (!value.isEmpty()) {
            facts.put(name, value);
        }
    }

    private static void putModel(ObjectNode facts, ModelDescription model, boolean objects) {
        facts.put("name", model.name());
        NetworkShape shape = model.shape();
        if (shape instanceof NetworkConfig network) {
            FileFacts.putNetwork(facts, network);
        } else {
            facts.put(
                    "network_in_words",
                    shape.dimension() + "D, " + shape.channels() + " channels to " + shape.outputs()
                            + (shape.probabilities() ? " probabilities" : " logits"));
        }
        FileFacts.putModel(facts, model, objects);
    }

    /** What the model keeps of its training cases; lengths and shares are shown as they are, not as logarithms. */
    private static void putProfile(ObjectNode facts, @Nullable TrainingProfile profile) {
        if (profile == null) {
            facts.put("unlike_images", "not noticed: the model keeps nothing of its training cases");
            return;
        }
        ObjectNode kept = facts.putObject("training_cases_measured");
        kept.put("cases", profile.cases()).put("empty_masks", profile.empty());
        ObjectNode labelled = kept.putObject("cases_with_label");
        profile.labelled().forEach((value, cases) -> labelled.put(value.toString(), cases));
        profile.traits().forEach((name, range) -> {
            if (name.startsWith("size ") || name.startsWith("spacing ")) {
                kept.putArray(name.replace(' ', '_')).add(Math.exp(range.low())).add(Math.exp(range.high()));
            }
        });
    }

    private static void putCard(ObjectNode facts, ModelCard card) {
        facts.put("intended_use", card.intendedUse());
        card.limits().forEach(facts.putArray("limits")::add);
        ModelCard.Data data = card.data();
        if (data != null) {
            facts.put("data", data.name()).put("split", data.split());
            FileFacts.putCases(facts, data.train(), data.validation(), data.test());
        }
        ObjectNode scores = facts.putObject("scores");
        for (ModelCard.Score score : card.scores()) {
            String of = score.metric() + " of " + score.label() + " (" + score.cases() + ", "
                    + Wording.word(score.precision()) + ")";
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
        bundle.verify().forEach(facts.putArray("hashes_right")::add);
        ObjectNode reruns = facts.putObject("test_difference");
        bundle.test().ifPresent(test -> {
            for (Precision precision : Precision.values()) {
                if (bundle.has(precision)) {
                    TestRerun rerun = TestRerun.of(bundle, test, precision, OnnxOptions.defaults());
                    ObjectNode one = reruns.putObject(Wording.word(precision));
                    one.put("largest", rerun.largest()).put("mean", rerun.mean());
                    if (rerun.file() != null) {
                        one.put("file_largest", rerun.file());
                    }
                }
            }
        });
    }
}
