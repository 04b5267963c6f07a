package org.attunet.spark.segment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.attunet.error.AttunetException;
import org.attunet.spark.job.JobFailure;
import org.attunet.spark.storage.Storage;

/**
 * A table of files, as a CSV file with a header or as Parquet. Paths are relative to the table's own folder, or full
 * addresses.
 */
public final class Manifest {
    private final Storage storage;
    private final String uri;
    private final List<Line> lines = new ArrayList<>();

    /**
     * Reads a manifest.
     *
     * @param uri ends with {@code .csv} or {@code .parquet}
     * @param required columns that it must have
     * @param optional columns that it may have; texts of those that it lacks are empty
     * @throws AttunetException where it can't be read or lacks a column
     */
    public Manifest(SparkSession spark, Storage storage, String uri, List<String> required, List<String> optional) {
        this.storage = storage;
        this.uri = uri;
        List<String> wanted = new ArrayList<>(required);
        try {
            Dataset<Row> table = uri.toLowerCase(Locale.ROOT).endsWith(".csv")
                    ? spark.read().option("header", true).option("escape", "\"").csv(uri)
                    : spark.read().parquet(uri);
            List<String> columns = Arrays.asList(table.columns());
            if (!columns.containsAll(required)) {
                throw new AttunetException(
                        uri,
                        "it has the columns " + columns,
                        "the columns " + String.join(", ", required) + " (and if wanted " + String.join(", ", optional)
                                + ")",
                        "rename the columns that hold these");
            }
            optional.stream().filter(columns::contains).forEach(wanted::add);
            for (Row row : table.selectExpr(
                            wanted.stream().map(name -> "`" + name + "`").toArray(String[]::new))
                    .collectAsList()) {
                Map<String, String> values = new LinkedHashMap<>();
                for (int k = 0; k < wanted.size(); k++) {
                    values.put(wanted.get(k), row.isNullAt(k) ? "" : String.valueOf(row.get(k)));
                }
                lines.add(new Line(values));
            }
        } catch (AttunetException e) {
            throw e;
        } catch (Exception e) {
            throw JobFailure.of(uri, e);
        }
    }

    /** The lines, in their order. */
    public List<Line> lines() {
        return List.copyOf(lines);
    }

    /** One line. */
    public final class Line {
        private final Map<String, String> values;

        private Line(Map<String, String> values) {
            this.values = values;
        }

        /** The text in a column; empty where there is none. */
        public String text(String column) {
            return values.getOrDefault(column, "");
        }

        /** The full address in a column; empty where there is none. */
        public String address(String column) {
            String path = text(column);
            if (path.isEmpty()) {
                return "";
            }
            boolean full = path.startsWith("/") || path.matches("[A-Za-z][A-Za-z0-9+.-]*:/.*");
            return storage.qualified(full ? path : uri.substring(0, uri.lastIndexOf('/')) + "/" + path);
        }
    }
}
