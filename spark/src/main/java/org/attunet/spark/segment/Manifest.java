package org.attunet.spark.segment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.attunet.error.AttunetException;
import org.attunet.spark.job.JobFailure;
import org.attunet.spark.storage.Storage;
import org.attunet.spark.storage.Storage.Found;

/**
 * A list of scans: a CSV file with a header or a Parquet table with a column {@code path}, relative to the manifest's own
 * folder or a full address, and, where wanted, {@code case}, which names the mask and may hold folders.
 *
 * <p>Rows of one case are its channels, in their order. Without the column a case is named after its file, and numbered
 * channels are put together. A row that names no scan is refused by itself; the others are done.
 */
final class Manifest {
    private static final String PATH = "path";
    private static final String CASE = "case";
    private static final int LOOKED_UP_HERE = 200; // more are looked up by tasks

    private final SparkSession spark;
    private final Storage storage;
    private final int channels;

    /** @param channels that the model takes */
    Manifest(SparkSession spark, Storage storage, int channels) {
        this.spark = spark;
        this.storage = storage;
        this.channels = channels;
    }

    /**
     * The scans of a manifest, as far as it can be told without opening them.
     *
     * @param uri the manifest's full address
     * @throws AttunetException where it is no table, or lacks the column
     */
    List<Scan> scans(String uri) {
        List<Scan> refused = new ArrayList<>();
        Map<String, List<String>> cases = new LinkedHashMap<>();
        List<String> unnamed = new ArrayList<>();
        String folder = Scans.parent(uri);
        int number = 0;
        for (Row row : rows(uri)) {
            number++;
            String path = text(row, 0);
            String name = row.size() == 1 ? "" : text(row, 1);
            try {
                String file = absolute(path, folder);
                if (row.size() == 1) {
                    unnamed.add(file);
                } else {
                    requireSafe(name);
                    cases.computeIfAbsent(name, key -> new ArrayList<>()).add(file);
                }
            } catch (AttunetException e) {
                String said = "row " + number + " of " + uri;
                refused.add(new Scan(name.isEmpty() ? "row " + number : name, List.of(path), 0)
                        .refused(said + ": " + e.getMessage()));
            }
        }
        // A case that one row of was refused is not to be done of the others.
        refused.forEach(scan -> cases.remove(scan.name()));
        List<Scan> scans = cases.isEmpty() ? unnamed(unnamed) : named(cases);
        scans.addAll(refused);
        return scans;
    }

    private List<Row> rows(String uri) {
        try {
            String address = Storage.literal(uri);
            Dataset<Row> table = uri.toLowerCase(Locale.ROOT).endsWith(".csv")
                    ? spark.read()
                            .option("header", true)
                            .option("escape", "\"") // a quote within quotes is doubled, as RFC 4180 has it
                            .option("ignoreLeadingWhiteSpace", true)
                            .option("ignoreTrailingWhiteSpace", true)
                            .csv(address)
                    : spark.read().parquet(address);
            List<String> columns = List.of(table.columns());
            if (!columns.contains(PATH)) {
                throw new AttunetException(
                        uri,
                        "it has the columns " + columns,
                        "a column path, and where cases shall have names of their own, case",
                        "rename the column that holds the scans' paths");
            }
            return (columns.contains(CASE) ? table.select(PATH, CASE) : table.select(PATH)).collectAsList();
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

    private static String text(Row row, int column) {
        return row.isNullAt(column) ? "" : String.valueOf(row.get(column));
    }

    private String absolute(String path, String folder) {
        if (path.isEmpty() || path.chars().anyMatch(c -> c < ' ')) {
            throw new AttunetException("path '" + path + "'", "it names no file", "a scan's path", "correct the row");
        }
        boolean full = path.startsWith("/") || path.matches("[A-Za-z][A-Za-z0-9+.-]*:/.*");
        return storage.qualified(full ? path : folder + "/" + path);
    }

    /** Holds a case to names that stay within the folder of masks. */
    private static void requireSafe(String name) {
        boolean plain = name.chars().noneMatch(c -> c < ' ' || c == '\\' || c == ':')
                && List.of(name.split("/", -1)).stream().noneMatch(part -> part.isEmpty() || part.startsWith("."));
        if (!plain) {
            throw new AttunetException(
                    "case '" + name + "'",
                    "its name is empty or leads elsewhere",
                    "a name such as patient1/series2",
                    "correct the row");
        }
    }

    private List<Scan> named(Map<String, List<String>> cases) {
        Map<String, Long> bytes =
                lengths(cases.values().stream().flatMap(List::stream).toList());
        List<Scan> scans = new ArrayList<>();
        cases.forEach((name, files) -> {
            var scan = new Scan(
                    name,
                    files,
                    files.stream()
                            .mapToLong(file -> bytes.getOrDefault(file, 0L))
                            .sum());
            int different = (int) files.stream().distinct().count();
            scans.add(
                    different == files.size() && (different == 1 || different == channels)
                            ? Scans.checked(scan, channels)
                            : scan.refused("case '" + name + "': it has " + files.size() + " rows and " + different
                                    + " different files; expected one file, or one for each of the " + channels
                                    + " channels. Remedy: correct the manifest."));
        });
        return scans;
    }

    private List<Scan> unnamed(List<String> files) {
        Map<String, Long> bytes = lengths(files);
        Map<Path, Found> places = new LinkedHashMap<>();
        files.forEach(file -> places.put(Path.of(file), new Found(file, bytes.getOrDefault(file, 0L))));
        List<Scan> scans = new ArrayList<>();
        for (Scan scan : Scans.grouped(places, channels)) {
            scans.add(scan.named(Scans.name(scan.name())));
        }
        return scans;
    }

    /** The files' sizes, 0 where one can't be asked for; where there are many, asked for by tasks. */
    private Map<String, Long> lengths(List<String> uris) {
        List<String> different = uris.stream().distinct().toList();
        List<Long> found;
        if (different.size() <= LOOKED_UP_HERE) {
            found = different.stream().map(storage::bytes).toList();
        } else {
            Storage each = storage;
            found = JavaSparkContext.fromSparkContext(spark.sparkContext())
                    .parallelize(different)
                    .map(each::bytes)
                    .collect();
        }
        Map<String, Long> bytes = new HashMap<>();
        for (int i = 0; i < different.size(); i++) {
            bytes.put(different.get(i), Math.max(0, found.get(i)));
        }
        return bytes;
    }
}
