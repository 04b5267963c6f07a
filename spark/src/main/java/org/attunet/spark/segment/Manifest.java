package org.attunet.spark.segment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.attunet.error.AttunetException;
import org.attunet.spark.storage.Storage;
import org.attunet.spark.storage.Storage.Found;

/**
 * A list of scans: a CSV file with a header or a Parquet table. The column {@code path} is relative to the manifest's folder or
 * a full address; the optional column {@code case} names the mask and may contain folders.
 *
 * <p>Rows with the same case are its channels, in order. Without the column a case is named after its file, and numbered channels
 * are grouped. A row that names no scan is refused by itself.
 */
final class Manifest {
    private static final String PATH = "path";
    private static final String CASE = "case";
    private static final int DRIVER_LOOKUPS = 200; // tasks look up the sizes of more files

    private final SparkSession spark;
    private final Storage storage;
    private final int channels;

    /** @param channels the model's */
    Manifest(SparkSession spark, Storage storage, int channels) {
        this.spark = spark;
        this.storage = storage;
        this.channels = channels;
    }

    /**
     * Returns the scans of a manifest, without opening them.
     *
     * @param uri the manifest's full address
     * @throws AttunetException if it is no table or lacks the column
     */
    List<ScanFiles> scans(String uri) {
        List<ScanFiles> refused = new ArrayList<>();
        Map<String, List<String>> cases = new LinkedHashMap<>();
        List<String> unnamed = new ArrayList<>();
        String folder = Storage.parent(uri);
        int number = 0;
        for (Row row : ManifestTable.rows(spark, storage, uri, List.of(PATH), List.of(CASE))) {
            number++;
            String path = ManifestTable.text(row, 0);
            String name = row.size() == 1 ? "" : ManifestTable.text(row, 1);
            try {
                String file = ManifestTable.absolute(storage, path, folder);
                if (row.size() == 1) {
                    unnamed.add(file);
                } else {
                    requireSafe(name);
                    cases.computeIfAbsent(name, key -> new ArrayList<>()).add(file);
                }
            } catch (AttunetException e) {
                refused.add(new ScanFiles(
                        name.isEmpty() ? "row " + number : name,
                        List.of(path),
                        0,
                        "row " + number + " of " + uri + ": " + e.getMessage()));
            }
        }
        // A case isn't segmented from the rest of its rows if one of them is refused.
        refused.forEach(scan -> cases.remove(scan.name()));
        List<ScanFiles> scans = cases.isEmpty() ? unnamed(unnamed) : named(cases);
        scans.addAll(refused);
        return scans;
    }

    /** Refuses names that would leave the folder of masks. */
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

    private List<ScanFiles> named(Map<String, List<String>> cases) {
        Map<String, Long> bytes =
                lengths(cases.values().stream().flatMap(List::stream).toList());
        List<ScanFiles> scans = new ArrayList<>();
        cases.forEach((name, files) -> {
            var scan = new ScanFiles(
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

    private List<ScanFiles> unnamed(List<String> files) {
        Map<String, Long> bytes = lengths(files);
        Map<Path, Found> places = new LinkedHashMap<>();
        files.forEach(file -> places.put(Path.of(file), new Found(file, bytes.getOrDefault(file, 0L))));
        List<ScanFiles> scans = new ArrayList<>();
        for (ScanFiles scan : Scans.grouped(places, channels)) {
            scans.add(scan.named(Storage.name(scan.name())));
        }
        return scans;
    }

    /** Returns the files' sizes, 0 if unknown. */
    private Map<String, Long> lengths(List<String> uris) {
        List<String> different = uris.stream().distinct().toList();
        List<Long> found;
        if (different.size() <= DRIVER_LOOKUPS) {
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
