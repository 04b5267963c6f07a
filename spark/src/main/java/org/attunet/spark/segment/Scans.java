package org.attunet.spark.segment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.attunet.error.AttunetException;
import org.attunet.io.Images;
import org.attunet.predict.InputCase;
import org.attunet.spark.storage.Storage;
import org.attunet.spark.storage.Storage.Found;

/**
 * The scans that a user's words stand for: a folder (its images, without subfolders), one image, a pattern such as {@code
 * hdfs://host/scans/p[0-9]/s.nii.gz}, or a manifest.
 *
 * <p>A manifest is a CSV file with a header or a Parquet table with a column {@code path}, relative to the manifest's own
 * folder or a full address, and, where wanted, {@code case}, which names the mask and may hold folders. Rows of one case are
 * its channels, in their order. Without it a case is named after its file; of two files of one name the second is refused.
 * Cases of a pattern keep their folders below the part without wildcards.
 */
final class Scans {
    private static final Pattern WILDCARD = Pattern.compile("[*?\\[{]");
    private static final int LOOKED_UP_HERE = 200; // more are looked up by tasks

    private final SparkSession spark;
    private final Storage storage;
    private final int channels;

    /** @param channels that the model takes */
    Scans(SparkSession spark, Storage storage, int channels) {
        this.spark = spark;
        this.storage = storage;
        this.channels = channels;
    }

    /**
     * The scans, by name.
     *
     * @throws AttunetException where there is none, or a manifest lacks the column
     */
    List<Scan> find(String input) {
        List<Scan> scans;
        String lower = input.toLowerCase(Locale.ROOT);
        if (WILDCARD.matcher(input).find()) {
            String pattern = storage.qualified(input);
            scans = grouped(images(storage.glob(pattern)), fixedFolder(pattern));
        } else if (lower.endsWith(".csv") || lower.endsWith(".parquet")) {
            scans = manifest(storage.qualified(input));
        } else {
            String place = storage.qualified(input);
            boolean folder = storage.isFolder(place);
            List<Found> files = storage.list(place);
            scans = grouped(folder ? images(files) : files, folder ? place : parent(place));
        }
        if (scans.isEmpty()) {
            throw new AttunetException(
                    input,
                    "no image is there",
                    "NIfTI, PNG, JPEG, TIFF or BMP files",
                    "give another folder or pattern");
        }
        return unambiguous(scans);
    }

    private static List<Found> images(List<Found> files) {
        return files.stream()
                .filter(file -> Images.isImage(Path.of(name(file.uri()))))
                .toList();
    }

    /** Cases of files, named by where they lie below a folder. */
    private List<Scan> grouped(List<Found> files, String base) {
        Map<Path, Found> byPath = new LinkedHashMap<>();
        for (Found file : files) {
            byPath.put(Path.of(below(file.uri(), base)), file);
        }
        List<Scan> scans = new ArrayList<>();
        for (InputCase one : InputCase.group(List.copyOf(byPath.keySet()), channels)) {
            Path folder = one.files().get(0).getParent();
            String name = folder == null ? one.name() : folder + "/" + one.name();
            List<Found> found = one.files().stream().map(byPath::get).toList();
            var scan = new Scan(
                    name,
                    found.stream().map(Found::uri).toList(),
                    found.stream().mapToLong(file -> Math.max(0, file.bytes())).sum());
            scans.add(checked(scan, one));
        }
        return scans;
    }

    private Scan checked(Scan scan, InputCase one) {
        try {
            one.requireNumbered(channels);
            return scan;
        } catch (AttunetException e) {
            return scan.refused(String.valueOf(e.getMessage()));
        }
    }

    private List<Scan> manifest(String uri) {
        Dataset<Row> table = uri.toLowerCase(Locale.ROOT).endsWith(".csv")
                ? spark.read().option("header", true).csv(uri)
                : spark.read().parquet(uri);
        List<String> columns = List.of(table.columns());
        if (!columns.contains("path")) {
            throw new AttunetException(
                    uri,
                    "it has the columns " + columns,
                    "a column path, and where cases shall have names of their own, case",
                    "rename the column that holds the scans' paths");
        }
        boolean named = columns.contains("case");
        List<String> paths = new ArrayList<>();
        List<String> cases = new ArrayList<>();
        Dataset<Row> wanted = named ? table.select("path", "case") : table.select("path");
        for (Row row : wanted.collectAsList()) {
            String path = row.isNullAt(0) ? "" : String.valueOf(row.get(0));
            paths.add(path.isEmpty() ? "" : absolute(path, parent(uri)));
            cases.add(!named || row.isNullAt(1) ? "" : String.valueOf(row.get(1)));
        }
        Map<String, Long> bytes = lengths(paths);
        return named ? named(paths, cases, bytes) : unnamed(paths, bytes);
    }

    private String absolute(String path, String folder) {
        boolean full = path.startsWith("/") || path.matches("[A-Za-z][A-Za-z0-9+.-]*:/.*");
        return storage.qualified(full ? path : folder + "/" + path);
    }

    private List<Scan> named(List<String> paths, List<String> cases, Map<String, Long> bytes) {
        Map<String, List<String>> files = new LinkedHashMap<>();
        for (int i = 0; i < paths.size(); i++) {
            files.computeIfAbsent(cases.get(i), key -> new ArrayList<>()).add(paths.get(i));
        }
        List<Scan> scans = new ArrayList<>();
        files.forEach((name, members) -> {
            long size = members.stream()
                    .mapToLong(file -> bytes.getOrDefault(file, 0L))
                    .sum();
            var scan = new Scan(name, members, size);
            scans.add(
                    safe(name) && !members.contains("")
                            ? scan
                            : scan.refused("case '" + name
                                    + "': its name or path is empty or leads elsewhere; expected a name such"
                                    + " as patient1/series2. Remedy: correct the manifest."));
        });
        return scans;
    }

    private List<Scan> unnamed(List<String> paths, Map<String, Long> bytes) {
        List<Scan> scans = new ArrayList<>();
        for (String path : paths) {
            if (path.isEmpty()) {
                scans.add(new Scan("row", List.of(""), 0)
                        .refused("manifest: a row has no path; expected one. Remedy: correct the manifest."));
            } else {
                scans.addAll(grouped(List.of(new Found(path, bytes.getOrDefault(path, 0L))), parent(path)));
            }
        }
        return scans;
    }

    private static boolean safe(String name) {
        return !name.isEmpty()
                && !name.startsWith("/")
                && name.chars().noneMatch(c -> c < ' ' || c == '\\' || c == ':')
                && List.of(name.split("/", -1)).stream().noneMatch(part -> part.isEmpty() || part.startsWith("."));
    }

    /** The files' sizes; where there are many, asked for by tasks. */
    private Map<String, Long> lengths(List<String> uris) {
        List<String> different =
                uris.stream().filter(uri -> !uri.isEmpty()).distinct().toList();
        Map<String, Long> bytes = new HashMap<>();
        if (different.size() <= LOOKED_UP_HERE) {
            different.forEach(uri -> bytes.put(uri, Math.max(0, storage.bytes(uri))));
            return bytes;
        }
        Storage each = storage;
        var context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        List<Long> found = context.parallelize(different)
                .map(uri -> Math.max(0, each.bytes(uri)))
                .collect();
        for (int i = 0; i < different.size(); i++) {
            bytes.put(different.get(i), found.get(i));
        }
        return bytes;
    }

    /** Refuses scans whose mask another one has already. */
    private static List<Scan> unambiguous(List<Scan> scans) {
        Set<String> names = new HashSet<>();
        List<Scan> all = new ArrayList<>();
        for (Scan scan : scans) {
            boolean first = names.add(scan.name());
            all.add(
                    first || scan.problem() != null
                            ? scan
                            : scan.refused(scan.files().get(0) + ": the case " + scan.name()
                                    + " has the name of another; expected a name of its own. Remedy: rename the file, or give a"
                                    + " manifest with a column case."));
        }
        return all;
    }

    /** The folder above the first wildcard. */
    private static String fixedFolder(String pattern) {
        var matcher = WILDCARD.matcher(pattern);
        return matcher.find() ? parent(pattern.substring(0, matcher.start() + 1)) : parent(pattern);
    }

    private static String below(String uri, String base) {
        return uri.startsWith(base + "/") ? uri.substring(base.length() + 1) : name(uri);
    }

    private static String parent(String uri) {
        return uri.substring(0, Math.max(0, uri.lastIndexOf('/')));
    }

    private static String name(String uri) {
        return uri.substring(uri.lastIndexOf('/') + 1);
    }
}
