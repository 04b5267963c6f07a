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
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.attunet.bundle.ModelDescription;
import org.attunet.dataset.DataFolders;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.DataSets;
import org.attunet.dataset.Mask;
import org.attunet.dataset.ProgressListener;
import org.attunet.dataset.Split;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.Images;
import org.attunet.io.Json;
import org.attunet.io.JsonFile;
import org.attunet.network.NetworkConfig;
import org.attunet.train.CrossValidation;
import org.attunet.weights.Architecture;
import org.attunet.weights.StateDict;

/** The output of {@code attunet info}: facts about a file or folder as a JSON tree, and its text form. */
final class FileFacts {
    private static final int MOST_LABELS = 32;

    private FileFacts() {}

    /** An image: geometry and range of values; the labels if it could be a mask. */
    static ObjectNode ofImage(Path file) {
        Image image = Images.read(file);
        Grid grid = image.grid();
        ObjectNode facts = facts("image", file);
        facts.put("dimension", grid.dimension());
        facts.set("size", Json.OWN.valueToTree(grid.size()));
        facts.set("spacing_mm", grid.hasPhysicalSize() ? Json.OWN.valueToTree(grid.spacing()) : null);
        facts.put("unit", grid.unit().name().toLowerCase(Locale.ROOT));
        facts.set("affine", Json.OWN.valueToTree(grid.affine()));
        facts.put("channels", image.channels().length);
        putRange(facts, image);
        putLabelCounts(facts, file);
        return facts;
    }

    private static void putRange(ObjectNode facts, Image image) {
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

    /** Adds the voxels of each label if the file can be read as a mask with few enough labels to be one. */
    private static void putLabelCounts(ObjectNode facts, Path file) {
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
        if (voxels.size() <= MOST_LABELS) {
            facts.set("voxels_of_label", voxels);
        }
    }

    /** A data set: its cases, labels and sizes. */
    static ObjectNode ofDataSet(DataFolders folders, int ignored) {
        DataSet data = DataSets.open(folders, null, ignored, ProgressListener.NONE);
        ObjectNode facts = facts("data set", folders.root());
        facts.put("name", data.name()).put("dimension", data.dimension());
        data.channelNames().forEach(facts.putArray("channels")::add);
        putLabels(facts, data.labels(), data.hasObjects());
        if (data.hasObjects()) {
            facts.put("objects", data.objects());
        }
        if (data.ignored() == Mask.UNDECLARED) {
            facts.put("ignored", DataFolderOptions.word(data.ignored()));
        } else if (data.ignored() != LabelMap.NONE) {
            facts.put("ignored", data.ignored());
        }
        facts.put("cases", data.cases().size());
        facts.put("unlabelled", data.unlabelled().size());
        List<Grid> grids = data.cases().parallelStream()
                .map(one -> Images.readGrid(one.firstFile()))
                .toList();
        for (int axis = 0; axis < data.dimension(); axis++) {
            int k = axis;
            ObjectNode node = facts.withObject("/axes").putObject(String.valueOf("xyz".charAt(axis)));
            putSpread(node.putArray("size_min_median_max"), grids, grid -> grid.size(k));
            if (grids.stream().allMatch(Grid::hasPhysicalSize)) {
                putSpread(node.putArray("spacing_mm_min_median_max"), grids, grid -> grid.spacing(k));
            }
        }
        data.notes().forEach(facts.withArray("notes")::add);
        return facts;
    }

    /** Adds the labels; the levels of depth of objects are no labels for the user. */
    private static void putLabels(ObjectNode facts, LabelSet labels, boolean objects) {
        Map<Integer, String> shown = objects ? Map.of(labels.valueOf(1), labels.nameOf(1)) : labels.asMap();
        facts.set("labels", Json.OWN.valueToTree(shown));
    }

    private static void putSpread(ArrayNode node, List<Grid> grids, ToDoubleFunction<Grid> value) {
        double[] sorted = grids.stream().mapToDouble(value).sorted().toArray();
        node.add(sorted[0]).add(sorted[sorted.length / 2]).add(sorted[sorted.length - 1]);
    }

    /** A cross-validation: its folds, and the mean Dice if all are done. */
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

    /** A run: the model and the state of its training. */
    static ObjectNode ofRun(Path folder) {
        ObjectNode facts = facts("run", folder);
        ModelDescription model = ModelDescription.read(folder.resolve("model.json"));
        facts.put("name", model.name());
        putNetwork(facts, model.network());
        putModel(facts, model, Files.exists(folder.resolve("objects.json")));
        facts.put("weights", Files.exists(folder.resolve("weights.pt")));
        Path split = folder.resolve("split.json");
        if (Files.exists(split)) {
            Split parts = Split.read(split);
            putCases(
                    facts,
                    parts.train().size(),
                    parts.validation().size(),
                    parts.test().size());
        }
        facts.put("can_go_on", Files.exists(folder.resolve("last.ckpt")));
        return facts;
    }

    /** A file of weights: its tensors, and the network if it is recognised. */
    static ObjectNode ofWeights(Path file) {
        ObjectNode facts = facts("weights", file);
        try {
            Architecture.Recognised found = Architecture.read(file, null);
            putTensors(facts, found.weights());
            facts.put("network_in_words", Wording.of(found.config()));
            facts.set("network", Wording.json(found.config()));
            found.notes().forEach(facts.withArray("notes")::add);
        } catch (AttunetException unknown) {
            putTensors(facts, StateDict.read(file));
            facts.put("network_in_words", "not recognised: " + unknown.found());
        }
        return facts;
    }

    private static void putTensors(ObjectNode facts, StateDict weights) {
        facts.put("tensors", weights.size()).put("parameters", weights.parameters());
    }

    /** Adds a network in words and as a tree, and its parameters. */
    static void putNetwork(ObjectNode facts, NetworkConfig network) {
        facts.put("network_in_words", Wording.of(network));
        facts.set("network", Wording.json(network));
        facts.put("parameters", Architecture.parameters(network));
    }

    /** Adds a model's preprocessing, labels and patch. */
    static void putModel(ObjectNode facts, ModelDescription model, boolean objects) {
        facts.put("preprocessing", model.preprocessing().toString());
        putLabels(facts, model.labels(), objects);
        if (objects) {
            facts.put("objects", "told apart by " + model.labels().size() + " nested levels of depth");
        }
        facts.set("patch", Json.OWN.valueToTree(model.patch()));
    }

    /** Adds the numbers of cases of a split. */
    static void putCases(ObjectNode facts, int train, int validation, int test) {
        facts.putObject("cases")
                .put("train", train)
                .put("validation", validation)
                .put("test", test);
    }

    private static ObjectNode facts(String what, Path file) {
        return JsonNodeFactory.instance.objectNode().put("what", what).put("file", file.toString());
    }

    /** One line for each fact; a network given in words is not repeated field by field. */
    static String text(ObjectNode facts) {
        List<String> lines = new ArrayList<>();
        facts.properties().forEach(fact -> {
            JsonNode value = fact.getValue();
            String name = fact.getKey().replace("_in_words", "").replace('_', ' ');
            if (fact.getKey().equals("network") || (value.isContainerNode() && value.isEmpty())) {
                return;
            }
            if (value.isObject()
                    && value.properties().stream()
                            .allMatch(row -> row.getValue().isObject())) {
                lines.add(name);
                value.properties().forEach(row -> lines.add("  " + row.getKey() + ": " + inline(row.getValue())));
            } else {
                lines.add(String.format("%-16s %s", name, inline(value)));
            }
        });
        return String.join("\n", lines);
    }

    private static String inline(JsonNode node) {
        if (node.isObject()) {
            return node.properties().stream()
                    .map(field -> field.getKey().replace('_', ' ') + " " + inline(field.getValue()))
                    .collect(Collectors.joining(", "));
        }
        if (node.isArray()) {
            return StreamSupport.stream(node.spliterator(), false)
                    .map(part -> part.isArray() ? "[" + inline(part) + "]" : inline(part))
                    .collect(Collectors.joining(" "));
        }
        return node.isFloatingPointNumber() ? number(node.asDouble()) : node.asText();
    }

    /** A number to six digits, whole ones without a point. */
    private static String number(double value) {
        if (!Double.isFinite(value)) {
            return Double.toString(value);
        }
        return new BigDecimal(value)
                .round(new MathContext(6))
                .stripTrailingZeros()
                .toPlainString();
    }
}
