package org.attunet.spark.evaluate;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.attunet.dataset.Case;
import org.attunet.dataset.DataSets;
import org.attunet.error.AttunetException;
import org.attunet.io.Images;
import org.attunet.spark.segment.ManifestTable;
import org.attunet.spark.segment.ScanFiles;
import org.attunet.spark.storage.Storage;
import org.attunet.spark.storage.Storage.Found;
import org.jspecify.annotations.Nullable;

/**
 * Finds cases with true masks: in a data set's folder ({@code images/} beside {@code masks/} or {@code labels/}, {@code
 * imagesTr/} beside {@code labelsTr/}, matched by name as {@code attunet evaluate} does), or in a manifest with the columns
 * {@code path}, {@code mask} and optionally {@code case}.
 */
final class TruthCases {
    private static final Map<String, List<String>> LAYOUTS =
            new TreeMap<>(Map.of("images", List.of("masks", "labels"), "imagesTr", List.of("labelsTr")));

    private final SparkSession spark;
    private final Storage storage;

    TruthCases(SparkSession spark, Storage storage) {
        this.spark = spark;
        this.storage = storage;
    }

    /**
     * Returns the cases.
     *
     * @param predictions a folder of masks to measure, matched by name; null to let the model predict
     */
    List<TruthCase> find(String data, @Nullable String predictions) {
        List<TruthCase> cases =
                ManifestTable.looksLike(data) ? manifest(storage.qualified(data)) : folder(storage.qualified(data));
        return predictions == null ? cases : measured(cases, storage.qualified(predictions));
    }

    private List<TruthCase> folder(String root) {
        for (Map.Entry<String, List<String>> layout : LAYOUTS.entrySet()) {
            for (String masks : layout.getValue()) {
                String images = root + "/" + layout.getKey();
                if (storage.isFolder(images) && storage.isFolder(root + "/" + masks)) {
                    return matched(images, root + "/" + masks);
                }
            }
        }
        throw new AttunetException(
                root,
                "neither images/ with masks/ (or labels/) nor imagesTr/ with labelsTr/",
                "one of these two layouts, or a manifest with the columns path and mask",
                "put the images into images/ and the masks with the same names into masks/");
    }

    private List<TruthCase> matched(String imageFolder, String maskFolder) {
        Map<Path, Found> images = byName(imageFolder);
        Map<Path, Found> masks = byName(maskFolder);
        List<TruthCase> cases = new ArrayList<>();
        for (Case one : DataSets.match(
                Path.of(imageFolder), List.copyOf(images.keySet()), Path.of(maskFolder), List.copyOf(masks.keySet()))) {
            List<Found> files = one.image().files().stream().map(images::get).toList();
            List<Found> mask = one.mask().files().stream().map(masks::get).toList();
            long bytes = Stream.concat(files.stream(), mask.stream())
                    .mapToLong(Found::bytes)
                    .sum();
            cases.add(new TruthCase(new ScanFiles(one.id(), uris(files), bytes, null), uris(mask), null));
        }
        return cases;
    }

    private static List<String> uris(List<Found> files) {
        return files.stream().map(Found::uri).toList();
    }

    private Map<Path, Found> byName(String folder) {
        Map<Path, Found> files = new TreeMap<>();
        for (Found file : storage.list(folder)) {
            Path name = Path.of(Storage.name(file.uri()));
            boolean dicom = name.toString().endsWith(".dcm");
            if ((Images.isImage(name) || dicom) && !name.toString().startsWith(".")) {
                files.put(name, file);
            }
        }
        if (files.isEmpty()) {
            for (String series : storage.folders(folder)) {
                files.put(Path.of(Storage.name(series)), new Found(series, 0));
            }
        }
        return files;
    }

    private List<TruthCase> manifest(String uri) {
        String folder = Storage.parent(uri);
        List<TruthCase> cases = new ArrayList<>();
        for (Row row : ManifestTable.rows(spark, storage, uri, List.of("path", "mask"), List.of("case"))) {
            cases.add(ofRow(row, "row " + (cases.size() + 1), folder));
        }
        return cases;
    }

    /** Returns the case of a row; a row that names no files is refused by itself. */
    private TruthCase ofRow(Row row, String number, String folder) {
        String named = ManifestTable.text(row, 2);
        try {
            String path = ManifestTable.absolute(storage, ManifestTable.text(row, 0), folder);
            String mask = ManifestTable.absolute(storage, ManifestTable.text(row, 1), folder);
            String name = named.isEmpty() ? Images.stem(Path.of(Storage.name(path))) : named;
            return new TruthCase(new ScanFiles(name, List.of(path), 0, null), List.of(mask), null);
        } catch (AttunetException e) {
            String name = named.isEmpty() ? number : named;
            return new TruthCase(
                    new ScanFiles(name, List.of(""), 0, number + " of the manifest: " + e.getMessage()),
                    List.of(""),
                    null);
        }
    }

    private List<TruthCase> measured(List<TruthCase> cases, String folder) {
        Map<Path, Found> files = byName(folder);
        Map<String, List<String>> byStem = new HashMap<>();
        DataSets.masksByImage(Path.of(folder), List.copyOf(files.keySet()))
                .forEach((name, mask) -> byStem.put(
                        name, uris(mask.files().stream().map(files::get).toList())));
        if (cases.stream().noneMatch(one -> byStem.containsKey(one.scan().name()))) {
            throw new AttunetException(
                    folder,
                    "none of its masks has the name of a case",
                    "masks named after the images, such as "
                            + cases.get(0).scan().name(),
                    "rename them, or give the folder of the predictions of these images");
        }
        // The default names no file, so the task reports that the prediction is missing.
        return cases.stream()
                .map(one -> new TruthCase(
                        one.scan(),
                        one.mask(),
                        byStem.getOrDefault(
                                one.scan().name(),
                                List.of(folder + "/" + one.scan().name()))))
                .toList();
    }
}
