package org.attunet.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.attunet.bundle.ModelDescription;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.DataSets;
import org.attunet.dataset.Split;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.io.Images;
import org.attunet.io.JsonFile;
import org.attunet.train.CrossValidation;
import org.attunet.weights.Architecture;
import org.attunet.weights.StateDict;

/** What {@code attunet info} tells, as one tree: printed as it is for programs, line by line for people. */
final class InfoTree {
    private InfoTree() {}

    /** An image: where it lies, its range; the labels where it could be a mask. */
    static ObjectNode ofImage(Path file) {
        Image image = Images.read(file);
        Grid grid = image.grid();
        ObjectNode facts = facts("image", file);
        facts.put("dimension", grid.dimension());
        for (int size : grid.size()) {
            facts.withArray("size").add(size);
        }
        for (double spacing : grid.spacing()) {
            facts.withArray("spacing_mm").add(spacing);
        }
        for (double[] row : grid.affine()) {
            ArrayNode numbers = facts.withArray("affine").addArray();
            for (double number : row) {
                numbers.add(number);
            }
        }
        facts.put("channels", image.channels().length);
        range(facts, image);
        labels(facts, file);
        return facts;
    }

    private static void range(ObjectNode facts, Image image) {
        float low = Float.POSITIVE_INFINITY;
        float high = Float.NEGATIVE_INFINITY;
        double sum = 0;
        long count = 0;
        for (float[] channel : image.channels()) {
            for (float value : channel) {
                low = Math.min(low, value);
                high = Math.max(high, value);
                sum += value;
            }
            count += channel.length;
        }
        facts.put("lowest", low).put("highest", high).put("mean", sum / count);
    }

    /** Voxels of each label, where the file reads as a mask with few enough of them to be one. */
    private static void labels(ObjectNode facts, Path file) {
        LabelMap mask;
        try {
            mask = Images.readLabels(file);
        } catch (AttunetException intensities) {
            return;
        }
        int[] count = new int[1 << 16];
        for (short value : mask.voxels()) {
            count[Short.toUnsignedInt(value)]++;
        }
        ObjectNode voxels = JsonNodeFactory.instance.objectNode();
        for (int value = 0; value < count.length; value++) {
            if (count[value] > 0) {
                voxels.put(Integer.toString(value), count[value]);
            }
        }
        if (voxels.size() <= 32) {
            facts.set("voxels_of_label", voxels);
        }
    }

    /** A data set: its cases, labels and sizes. */
    static ObjectNode ofDataSet(Path folder) {
        DataSet data = DataSets.open(folder);
        ObjectNode facts = facts("data set", folder);
        facts.put("name", data.name()).put("dimension", data.dimension());
        data.channelNames().forEach(facts.putArray("channels")::add);
        ObjectNode labels = facts.putObject("labels");
        data.labels().asMap().forEach((value, name) -> labels.put(value.toString(), name));
        facts.put("cases", data.cases().size());
        facts.put("unlabelled", data.unlabelled().size());
        List<Grid> grids = data.cases().parallelStream()
                .map(one -> Images.readGrid(one.firstFile()))
                .toList();
        for (int axis = 0; axis < data.dimension(); axis++) {
            int k = axis;
            double[] sizes =
                    grids.stream().mapToDouble(grid -> grid.size(k)).sorted().toArray();
            double[] spacings =
                    grids.stream().mapToDouble(grid -> grid.spacing(k)).sorted().toArray();
            ObjectNode node = facts.withObject("/axes").putObject(String.valueOf("xyz".charAt(axis)));
            spread(node.putArray("size_min_median_max"), sizes);
            spread(node.putArray("spacing_mm_min_median_max"), spacings);
        }
        data.notes().forEach(facts.withArray("notes")::add);
        return facts;
    }

    /** A cross-validation: its folds, and what it came to where all are done. */
    static ObjectNode ofFolds(Path folder) {
        CrossValidation runs = CrossValidation.open(folder);
        ObjectNode facts = facts("cross-validation", folder);
        facts.put("folds", runs.folds().count());
        runs.folds().held().forEach(held -> facts.withArray("cases_of_fold").add(held.size()));
        runs.missing().forEach(facts.putArray("missing_folds")::add);
        if (Files.exists(runs.summary())) {
            JsonNode json = JsonFile.read(runs.summary(), "the summary of a cross-validation");
            facts.set("mean_dice", json.path("mean_dice"));
        }
        return facts;
    }

    private static void spread(ArrayNode node, double[] sorted) {
        node.add(sorted[0]).add(sorted[sorted.length / 2]).add(sorted[sorted.length - 1]);
    }

    /** A run: the model, and what the training kept. */
    static ObjectNode ofRun(Path folder) {
        ModelDescription model = ModelDescription.read(folder.resolve("model.json"));
        ObjectNode facts = facts("run", folder);
        facts.put("name", model.name());
        facts.put("network_in_words", OptionText.of(model.network()));
        facts.set("network", OptionText.json(model.network()));
        facts.put("parameters", Architecture.parameters(model.network()));
        facts.put("preprocessing", model.preprocessing().toString());
        ObjectNode labels = facts.putObject("labels");
        model.labels().asMap().forEach((value, name) -> labels.put(value.toString(), name));
        for (int size : model.patch()) {
            facts.withArray("patch").add(size);
        }
        facts.put("weights", Files.exists(folder.resolve("weights.pt")));
        Path split = folder.resolve("split.json");
        if (Files.exists(split)) {
            Split parts = Split.read(split);
            facts.putObject("cases")
                    .put("train", parts.train().size())
                    .put("validation", parts.validation().size())
                    .put("test", parts.test().size());
        }
        facts.put("can_go_on", Files.exists(folder.resolve("last.ckpt")));
        return facts;
    }

    /** A file of weights: its tensors, and the network where it is recognised. */
    static ObjectNode ofWeights(Path file) {
        StateDict weights = StateDict.read(file);
        ObjectNode facts = facts("weights", file);
        facts.put("tensors", weights.size()).put("parameters", weights.parameters());
        try {
            Architecture.Recognised found = Architecture.recognise(weights, file.toString());
            facts.put("network_in_words", OptionText.of(found.config()));
            facts.set("network", OptionText.json(found.config()));
            found.notes().forEach(facts.withArray("notes")::add);
        } catch (AttunetException unknown) {
            facts.put("network_in_words", "not recognised: " + unknown.found());
        }
        return facts;
    }

    private static ObjectNode facts(String what, Path file) {
        return JsonNodeFactory.instance.objectNode().put("what", what).put("file", file.toString());
    }

    /** One line for each fact; what is told in words is not repeated field by field. */
    static String text(ObjectNode facts) {
        List<String> lines = new ArrayList<>();
        for (Map.Entry<String, JsonNode> fact : facts.properties()) {
            boolean inWords = fact.getKey().equals("network");
            boolean empty = fact.getValue().isContainerNode() && fact.getValue().isEmpty();
            if (!inWords && !empty) {
                String name = fact.getKey().replace("_in_words", "").replace('_', ' ');
                boolean table = fact.getValue().isObject()
                        && fact.getValue().properties().stream()
                                .allMatch(row -> row.getValue().isObject());
                if (table) {
                    lines.add(name);
                    fact.getValue()
                            .properties()
                            .forEach(row -> lines.add("  " + row.getKey() + ": " + value(row.getValue())));
                } else {
                    lines.add(String.format("%-16s %s", name, value(fact.getValue())));
                }
            }
        }
        return String.join("\n", lines);
    }

    private static String value(JsonNode node) {
        if (node.isObject()) {
            List<String> parts = new ArrayList<>();
            node.properties()
                    .forEach(field -> parts.add(field.getKey().replace('_', ' ') + " " + value(field.getValue())));
            return String.join(", ", parts);
        }
        if (node.isArray()) {
            List<String> parts = new ArrayList<>();
            node.forEach(part -> parts.add(part.isArray() ? "[" + value(part) + "]" : value(part)));
            return String.join(" ", parts);
        }
        return node.isFloatingPointNumber() ? digits(node.asDouble()) : node.asText();
    }

    /** A number to six digits, whole ones without a point. */
    private static String digits(double value) {
        if (!Double.isFinite(value)) {
            return Double.toString(value);
        }
        return new BigDecimal(value)
                .round(new MathContext(6))
                .stripTrailingZeros()
                .toPlainString();
    }
}
