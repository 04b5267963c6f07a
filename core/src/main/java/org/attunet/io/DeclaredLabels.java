package org.attunet.io;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.jspecify.annotations.Nullable;

/**
 * The labels that a {@code dataset.json} declares, in either dialect: the Medical Segmentation Decathlon's, from value to
 * name, or nnU-Net's, from name to value or to the values of a region, which {@code regions_class_order} then gives a value
 * each to be written with. The label {@code ignore} is none of them: it marks voxels without a judgement.
 */
public final class DeclaredLabels {
    private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");
    private static final Pattern BACKGROUND = Pattern.compile(
            ".*(back|b)[ _-]?(ground|g).*|.*(unlabel|clear|none|outside|exterior|empty).*|0?",
            Pattern.CASE_INSENSITIVE);
    private static final String IGNORE = "ignore";
    private static final String ORDER = "regions_class_order";

    private DeclaredLabels() {}

    /**
     * Reads the labels of a data set's description.
     *
     * @param file named in failures
     * @param tree the whole file
     * @return null if none are declared
     * @throws AttunetException if they are wrong or of a kind that isn't supported
     */
    public static @Nullable LabelSet of(Path file, JsonNode tree) {
        JsonNode labels = tree.path("labels");
        if (labels.isMissingNode() || labels.isNull() || (labels.isContainerNode() && labels.isEmpty())) {
            return null;
        }
        if (!labels.isObject()) {
            throw new AttunetException(
                    file,
                    "labels is " + (labels.isArray() ? "a list" : labels),
                    "an object from names to values, such as {\"background\": 0, \"liver\": 1}",
                    "write each label with its value in the masks");
        }
        if (!tree.path(ORDER).isEmpty()
                || StreamSupport.stream(labels.spliterator(), false)
                        .anyMatch(value -> value.isArray() && value.size() != 1)) {
            return regions(file, labels, tree.path(ORDER), ignored(file, tree));
        }
        Map<Integer, String> names = new TreeMap<>();
        for (Map.Entry<String, JsonNode> field : labels.properties()) {
            add(file, field, names);
        }
        String background = names.remove(0);
        if (background != null && !BACKGROUND.matcher(background.strip()).matches()) {
            throw new AttunetException(
                    file,
                    "the value 0 is called '" + background + "'",
                    "the background, which every mask has and which isn't trained as a structure",
                    "call 0 background, or give that structure a value above 0 in the masks and here");
        }
        int ignored = ignored(file, tree);
        if (ignored != LabelMap.NONE) {
            names.remove(ignored);
        }
        if (names.isEmpty()) {
            throw new AttunetException(file, "no label but the background", "one label or more", "declare the labels");
        }
        return LabelSet.of(names);
    }

    /**
     * The value of voxels without a judgement, which a data set's description declares as nnU-Net does: as the label {@code
     * ignore}.
     *
     * @param file named in failures
     * @param tree the whole file
     * @return 1 to 65535; {@link LabelMap#NONE} if it declares none
     * @throws AttunetException if it is no whole number, 0 or that of another label
     */
    public static int ignored(Path file, JsonNode tree) {
        int ignored = LabelMap.NONE;
        for (Map.Entry<String, JsonNode> field : tree.path("labels").properties()) {
            if (!isIgnored(field)) {
                continue;
            }
            int value = value(file, field);
            if (ignored != LabelMap.NONE || value < 1 || value > 65535) {
                throw new AttunetException(
                        file,
                        ignored != LabelMap.NONE
                                ? "the label 'ignore' is declared twice"
                                : "the label 'ignore' has the value " + value,
                        "one value from 1 to 65535, which no structure has",
                        "give voxels without a judgement a value of their own");
            }
            ignored = value;
        }
        return ignored;
    }

    private static boolean isIgnored(Map.Entry<String, JsonNode> field) {
        return name(field).strip().toLowerCase(Locale.ROOT).equals(IGNORE);
    }

    /** Whether a line goes from value to name. */
    private static boolean isValueFirst(Map.Entry<String, JsonNode> field) {
        JsonNode content = field.getValue();
        return NUMBER.matcher(field.getKey().strip()).matches()
                && content.isTextual()
                && !NUMBER.matcher(content.asText().strip()).matches();
    }

    private static String name(Map.Entry<String, JsonNode> field) {
        return isValueFirst(field) ? field.getValue().asText() : field.getKey();
    }

    private static int value(Path file, Map.Entry<String, JsonNode> field) {
        return isValueFirst(field)
                ? Integer.parseInt(field.getKey().strip())
                : number(file, name(field), field.getValue());
    }

    private static void add(Path file, Map.Entry<String, JsonNode> field, Map<Integer, String> names) {
        String name = name(field);
        int value = value(file, field);
        if (value > 0 && name.strip().toLowerCase(Locale.ROOT).equals("background")) {
            throw new AttunetException(
                    file, "the background has the value " + value, "0", "renumber the masks and the labels");
        }
        String before = names.put(value, name);
        if (before != null) {
            throw new AttunetException(
                    file,
                    "the labels '" + before + "' and '" + name + "' both have the value " + value,
                    "one name for each value",
                    "correct labels");
        }
    }

    private static int number(Path file, String name, JsonNode value) {
        if (value.isArray() && value.size() == 1) {
            return number(file, name, value.get(0));
        }
        if (value.isTextual() && NUMBER.matcher(value.asText().strip()).matches()) {
            return Integer.parseInt(value.asText().strip());
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.asInt() < 0) {
            throw new AttunetException(
                    file,
                    "the label '" + name + "' is " + value,
                    "one whole number from 0 to 65535 for each name",
                    "give each value in the masks a name of its own");
        }
        return value.asInt();
    }

    /** Labels that may overlap or nest: each is one value or several, and writes the value at its place in the order. */
    private static LabelSet regions(Path file, JsonNode labels, JsonNode order, int ignored) {
        List<String> names = new ArrayList<>();
        List<Set<Integer>> covers = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : labels.properties()) {
            Set<Integer> values = new TreeSet<>();
            if (isIgnored(field)) {
                continue;
            }
            if (field.getValue().isArray()) {
                field.getValue().forEach(value -> values.add(number(file, field.getKey(), value)));
            } else {
                values.add(number(file, field.getKey(), field.getValue()));
            }
            if (values.equals(Set.of(0))) {
                continue;
            }
            if (values.isEmpty() || values.contains(0) || values.contains(ignored)) {
                throw new AttunetException(
                        file,
                        "the region '" + field.getKey() + "' covers the values " + values,
                        ignored == LabelMap.NONE
                                ? "one value or more above 0"
                                : "one value or more above 0, without that of 'ignore', " + ignored,
                        "correct labels");
            }
            names.add(field.getKey());
            covers.add(values);
        }
        List<Integer> written = new ArrayList<>();
        order.forEach(value -> written.add(number(file, ORDER, value)));
        if (written.size() != names.size() || !order.isArray()) {
            throw new AttunetException(
                    file,
                    ORDER
                            + (order.isMissingNode()
                                    ? " is missing"
                                    : order.isArray() ? " holds " + written.size() + " values" : " is " + order),
                    "a value for each of the regions " + names + ", which it writes into a mask",
                    "write " + ORDER + ", such as [1, 2, 3]; regions that come later are written over earlier ones");
        }
        List<LabelSet.Region> regions = new ArrayList<>();
        for (int k = 0; k < names.size(); k++) {
            regions.add(new LabelSet.Region(written.get(k), names.get(k), covers.get(k)));
        }
        try {
            return LabelSet.regions(regions);
        } catch (AttunetException e) {
            throw new AttunetException(file.toString(), e.subject() + ": " + e.found(), e.expected(), e.remedy(), e);
        }
    }
}
