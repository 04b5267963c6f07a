package org.attunet.metrics;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Reads the CSV of {@link ObjectResults#toCsv}, a run's {@code objects.csv}. */
public final class ObjectsCsv {
    private ObjectsCsv() {}

    /**
     * Reads the AP of each image at each of {@link ObjectMatch#IOUS}, in the file's order. Images that have neither true nor
     * found objects have none and are left out.
     *
     * @param file the file
     * @return the values by the image's name
     * @throws org.attunet.error.AttunetException if the file can't be read, has another header or a malformed line
     */
    public static Map<String, List<Double>> averagePrecisions(Path file) {
        List<List<String>> records = CasesCsv.records(CasesCsv.text(file));
        List<String> header = records.isEmpty() ? List.of() : records.get(0);
        List<Integer> columns = ObjectMatch.IOUS.stream()
                .map(iou -> header.indexOf(String.format(Locale.ROOT, "ap%.0f", 100 * iou)))
                .toList();
        if (header.indexOf("case") != 0 || columns.contains(-1)) {
            throw CasesCsv.broken(file, "its first line is not the header of measures of objects");
        }
        Map<String, List<Double>> images = new LinkedHashMap<>();
        for (int k = 1; k < records.size(); k++) {
            try {
                List<Double> values = new ArrayList<>();
                for (int column : columns) {
                    String field = records.get(k).get(column);
                    if (!field.isEmpty()) {
                        values.add(Double.valueOf(field));
                    }
                }
                if (values.size() == columns.size()) {
                    images.put(records.get(k).get(0), values);
                }
            } catch (NumberFormatException | IndexOutOfBoundsException e) {
                throw CasesCsv.broken(file, "record " + (k + 1) + " doesn't fit the header");
            }
        }
        return images;
    }
}
