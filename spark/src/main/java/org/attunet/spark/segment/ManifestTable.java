package org.attunet.spark.segment;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.attunet.error.AttunetException;
import org.attunet.spark.job.JobFailure;
import org.attunet.spark.storage.Storage;

/** Reads a table of paths: a CSV file with a header, or Parquet. */
public final class ManifestTable {
    private ManifestTable() {}

    /** Whether an address has a table's suffix. */
    public static boolean looksLike(String address) {
        return isCsv(address) || address.toLowerCase(Locale.ROOT).endsWith(".parquet");
    }

    private static boolean isCsv(String address) {
        return address.toLowerCase(Locale.ROOT).endsWith(".csv");
    }

    /**
     * Returns a table's rows: the required columns, then those optional ones that it has.
     *
     * @param uri ends with {@code .csv} or {@code .parquet}
     * @throws AttunetException if it is no table or lacks a required column
     */
    public static List<Row> rows(
            SparkSession spark, Storage storage, String uri, List<String> required, List<String> optional) {
        try {
            String address = Storage.literal(uri);
            Dataset<Row> table = isCsv(uri)
                    ? spark.read()
                            .option("header", true)
                            .option("escape", "\"") // doubled quotes within quotes, RFC 4180
                            .option("ignoreLeadingWhiteSpace", true)
                            .option("ignoreTrailingWhiteSpace", true)
                            .csv(address)
                    : spark.read().parquet(address);
            List<String> columns = List.of(table.columns());
            if (!columns.containsAll(required)) {
                throw new AttunetException(
                        uri,
                        "it has the columns " + columns,
                        "a column " + String.join(" and one ", required)
                                + ", and, to name cases, "
                                + String.join(" and ", optional),
                        "rename the columns that hold them");
            }
            List<String> wanted = new ArrayList<>(required);
            optional.stream().filter(columns::contains).forEach(wanted::add);
            return table.select(wanted.stream().map(table::col).toArray(Column[]::new))
                    .collectAsList();
        } catch (AttunetException e) {
            throw e;
        } catch (Exception e) { // Spark's checked exceptions pass through Scala undeclared
            if (!storage.exists(uri)) {
                throw new AttunetException(
                        uri, "there is no such file", "a manifest, .csv or .parquet", "check the path", e);
            }
            throw new AttunetException(
                    uri,
                    "it can't be read as a table (" + JobFailure.reason(e) + ")",
                    "a CSV file with a header, or a Parquet table",
                    "write the manifest again",
                    e);
        }
    }

    /** Returns the text in a row's column, or "" if there is none. */
    public static String text(Row row, int column) {
        return row.size() <= column || row.isNullAt(column) ? "" : String.valueOf(row.get(column));
    }

    /**
     * Returns the full address of a path in a manifest.
     *
     * @param folder the manifest's, to which the path may be relative
     * @throws AttunetException if the path names no file
     */
    public static String absolute(Storage storage, String path, String folder) {
        if (path.isEmpty() || path.chars().anyMatch(c -> c < ' ')) {
            throw new AttunetException("path '" + path + "'", "it names no file", "a scan's path", "correct the row");
        }
        boolean full = path.startsWith("/") || path.matches("[A-Za-z][A-Za-z0-9+.-]*:/.*");
        return storage.qualified(full ? path : folder + "/" + path);
    }
}
