package org.attunet.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.series.Contents;
import org.attunet.dicom.series.Plane;
import org.attunet.dicom.series.Series;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.LengthUnit;

/** What DICOM files hold, as {@code attunet info} shows it: patients have numbers instead of names. */
final class DicomFacts {
    /** The cosine of the angle to the nearest plane of the body above which a direction isn't oblique. */
    private static final double UPRIGHT = Math.cos(Math.toRadians(5));

    /** The damaged files that the text names. */
    private static final int MOST_DAMAGED = 10;

    private final Map<String, Integer> patients = new LinkedHashMap<>();
    private final Map<String, Integer> studies = new LinkedHashMap<>();

    private DicomFacts() {}

    /** A JSON tree of the series, other objects, damaged files and notes. */
    static ObjectNode of(Path input, Contents contents) {
        DicomFacts numbers = new DicomFacts();
        ObjectNode facts =
                JsonNodeFactory.instance.objectNode().put("what", "DICOM").put("file", input.toString());
        ArrayNode series = facts.putArray("series");
        contents.series().forEach(one -> numbers.put(series.addObject(), one));
        ArrayNode others = facts.putArray("others");
        for (Contents.Other other : contents.others()) {
            DataSet set = other.first().elements();
            ObjectNode node = numbers.put(others.addObject(), set);
            node.put("number", set.text(Tag.SERIES_NUMBER)).put("modality", set.text(Tag.MODALITY));
            node.put("files", other.files()).put("reason", other.reason());
        }
        contents.damaged().forEach(fault -> facts.withArray("damaged").add(fault.getMessage()));
        contents.notes().forEach(facts.withArray("notes")::add);
        return facts;
    }

    /** Adds the numbers of the patient and the study. */
    private ObjectNode put(ObjectNode node, DataSet set) {
        String study = set.text(Tag.STUDY_INSTANCE_UID);
        String id = set.text(Tag.PATIENT_ID);
        String name = set.text(Tag.PATIENT_NAME);
        String patient = id.isEmpty() && name.isEmpty() ? "study " + study : id.isEmpty() ? "name " + name : "id " + id;
        return node.put("patient", patients.computeIfAbsent(patient, k -> patients.size() + 1))
                .put("study", studies.computeIfAbsent(study, k -> studies.size() + 1));
    }

    private void put(ObjectNode node, Series series) {
        put(node, series.elements());
        node.put("number", series.number()).put("uid", series.uid()).put("label", series.label());
        node.put("modality", series.modality()).put("description", series.description());
        node.put("part", series.part());
        node.put("files", series.files().size()).put("slices", series.size());
        node.put("transfer_syntax", series.slices().get(0).file().syntax().name());
        node.put(
                "orientation",
                series.isPicture()
                        ? "picture"
                        : orientation(series.slices().get(0).plane()));
        try {
            Grid grid = series.grid();
            for (int axis = 0; axis < grid.dimension(); axis++) {
                node.withArray("size").add(grid.size(axis));
                node.withArray("spacing_mm").add(grid.spacing(axis));
            }
            series.check();
            node.put("readable", true);
        } catch (AttunetException e) {
            node.put("readable", false).put("reason", e.getMessage());
        }
        series.notes().forEach(node.withArray("notes")::add);
    }

    private static String orientation(Plane plane) {
        double[] normal = plane.normal();
        int axis = 0;
        for (int k = 1; k < 3; k++) {
            axis = Math.abs(normal[k]) > Math.abs(normal[axis]) ? k : axis;
        }
        String name = List.of("sagittal", "coronal", "axial").get(axis);
        return Math.abs(normal[axis]) < UPRIGHT ? name + ", oblique" : name;
    }

    /** A line for each series, with what should be known of it below. */
    static String text(ObjectNode facts) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format("%-16s %s", "what", "DICOM"));
        lines.add(String.format("%-16s %s", "file", facts.path("file").asText()));
        Map<String, List<String>> studies = new LinkedHashMap<>();
        for (String key : List.of("series", "others")) {
            for (JsonNode node : facts.path(key)) {
                String study = "patient " + node.path("patient") + ", study " + node.path("study");
                List<String> own = studies.computeIfAbsent(study, k -> new ArrayList<>());
                own.addAll(key.equals("series") ? ofSeries(node) : ofOther(node));
            }
        }
        studies.forEach((study, own) -> {
            lines.add(study);
            lines.addAll(own);
        });
        List<String> damaged = new ArrayList<>();
        facts.path("damaged").forEach(fault -> damaged.add("damaged: " + fault.asText()));
        lines.addAll(damaged.subList(0, Math.min(MOST_DAMAGED, damaged.size())));
        if (damaged.size() > MOST_DAMAGED) {
            lines.add("damaged: " + (damaged.size() - MOST_DAMAGED) + " more files, which --json lists");
        }
        facts.path("notes").forEach(note -> lines.add("note: " + note.asText()));
        if (lines.size() == 2) {
            lines.add("no series");
        }
        return String.join("\n", lines);
    }

    private static List<String> ofSeries(JsonNode series) {
        List<String> lines = new ArrayList<>(List.of("  " + line(series)));
        if (!series.path("readable").asBoolean()) {
            lines.add("    can't be read: " + series.path("reason").asText());
        }
        series.path("notes").forEach(note -> lines.add("    note: " + note.asText()));
        return lines;
    }

    private static List<String> ofOther(JsonNode other) {
        String number = other.path("number").asText();
        String modality = other.path("modality").asText();
        return List.of("  " + modality + (number.isEmpty() ? "" : " of series " + number) + ": "
                + other.path("reason").asText() + ", " + files(other));
    }

    private static String line(JsonNode series) {
        List<String> parts = new ArrayList<>();
        parts.add(series.path("label").asText());
        for (String key : List.of("description", "part")) {
            String value = series.path(key).asText();
            if (!value.isEmpty()) {
                parts.add(key.equals("part") ? value : '"' + value + '"');
            }
        }
        if (series.has("size")) {
            JsonNode size = series.path("size");
            JsonNode spacing = series.path("spacing_mm");
            parts.add(StreamSupport.stream(size.spliterator(), false)
                    .map(JsonNode::asText)
                    .collect(Collectors.joining(" x ")));
            parts.add(LengthUnit.text(StreamSupport.stream(spacing.spliterator(), false)
                    .mapToDouble(JsonNode::asDouble)
                    .toArray()));
        }
        parts.add(series.path("orientation").asText());
        parts.add(series.path("transfer_syntax").asText());
        parts.add(files(series));
        return String.join(", ", parts);
    }

    private static String files(JsonNode node) {
        return Wording.counted(node.path("files").asInt(), "file");
    }
}
