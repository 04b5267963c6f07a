package org.attunet.spark.segment;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.parquet.example.data.Group;
import org.attunet.error.AttunetException;
import org.attunet.spark.job.ParquetTable;
import org.attunet.spark.storage.Storage;

/**
 * The table {@code objects.parquet}: a row for each object of each scan, from the tables of comma-separated values beside the
 * label images. Their columns have the unit of the image in their names, which differs among scans; here it is a column.
 */
final class ObjectRows {
    /** How the name of a scan's table ends. */
    static final String SUFFIX = "_objects.csv";

    /** The table's columns. */
    static final String SCHEMA = """
        message objects {
          required binary case (STRING);
          required int32 object;
          optional binary class (STRING);
          required int32 voxels;
          required double size;
          required binary size_unit (STRING);
          required group centroid (LIST) { repeated group list { required double element; } }
          required group box_from (LIST) { repeated group list { required int32 element; } }
          required group box_to (LIST) { repeated group list { required int32 element; } }
          required double boundary;
          required double equivalent_diameter;
          required double roundness;
          required group mean_intensity (LIST) { repeated group list { required double element; } }
          optional double confidence;
        }\
        """;

    private static final int MOST_BYTES = 256 << 20;
    private static final Pattern COMMA = Pattern.compile(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)"); // outside of quotes

    private final Storage storage;
    private final ParquetTable table;

    ObjectRows(Storage storage, ParquetTable table) {
        this.storage = storage;
        this.table = table;
    }

    /** Adds the objects of a case that has them. */
    void add(CaseRow row) {
        if (row.mask() == null || row.done() == null || row.done().objects() == null) {
            return;
        }
        String uri = row.mask().replaceFirst("\\.(nii\\.gz|[A-Za-z0-9]+)$", "") + SUFFIX;
        byte[] content = storage.read(uri, MOST_BYTES);
        if (content == null) {
            throw new AttunetException(
                    uri,
                    "the table of the scan's objects is missing",
                    "the table that was written",
                    "delete the scan's " + "record in records/ and run the job again");
        }
        List<String> lines = new String(content, StandardCharsets.UTF_8).lines().toList();
        List<String> names = fields(lines.get(0));
        lines.stream()
                .skip(1)
                .map(ObjectRows::fields)
                .forEach(values -> table.add(columns -> fill(columns, row.scan().name(), names, values)));
    }

    private static List<String> fields(String line) {
        return Stream.of(COMMA.split(line, -1))
                .map(field -> field.startsWith("\"")
                        ? field.substring(1, field.length() - 1).replace("\"\"", "\"")
                        : field)
                .toList();
    }

    private static void fill(Group row, String scan, List<String> names, List<String> values) {
        row.append("case", scan);
        List<Double> centroid = new ArrayList<>();
        List<Integer> from = new ArrayList<>();
        List<Integer> to = new ArrayList<>();
        List<Double> intensity = new ArrayList<>();
        for (int k = 0; k < names.size(); k++) {
            String name = names.get(k);
            String value = values.get(k);
            if (name.equals("object")) {
                row.append("object", Integer.parseInt(value));
            } else if (name.equals("class")) {
                row.append("class", value);
            } else if (name.equals("pixels") || name.equals("voxels")) {
                row.append("voxels", Integer.parseInt(value));
            } else if (name.startsWith("area_") || name.startsWith("volume_")) {
                row.append("size", Double.parseDouble(value));
                row.append("size_unit", name.substring(name.indexOf('_') + 1));
            } else if (name.startsWith("centroid_")) {
                centroid.add(Double.parseDouble(value));
            } else if (name.startsWith("box_")) {
                (name.endsWith("_from") ? from : to).add(Integer.parseInt(value));
            } else if (name.startsWith("outline_") || name.startsWith("surface_")) {
                row.append("boundary", Double.parseDouble(value));
            } else if (name.startsWith("equivalent_diameter_")) {
                row.append("equivalent_diameter", Double.parseDouble(value));
            } else if (name.equals("circularity") || name.equals("sphericity")) {
                row.append("roundness", Double.parseDouble(value));
            } else if (name.startsWith("mean_intensity")) {
                intensity.add(Double.parseDouble(value));
            } else if (name.equals("confidence") && !value.isEmpty()) {
                row.append("confidence", Double.parseDouble(value));
            }
        }
        Group centre = row.addGroup("centroid");
        centroid.forEach(value -> centre.addGroup("list").append("element", value));
        Group low = row.addGroup("box_from");
        from.forEach(value -> low.addGroup("list").append("element", value));
        Group high = row.addGroup("box_to");
        to.forEach(value -> high.addGroup("list").append("element", value));
        Group means = row.addGroup("mean_intensity");
        intensity.forEach(value -> means.addGroup("list").append("element", value));
    }
}
