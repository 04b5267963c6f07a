package org.attunet.spark.segment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;
import org.attunet.error.AttunetException;
import org.attunet.io.ChannelGroup;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.spark.storage.Storage;
import org.attunet.spark.storage.Storage.Found;

/**
 * Finds the scans of an input: a folder (its images, without subfolders), one image, a pattern such as {@code
 * hdfs://host/scans/p*.nii.gz}, or a {@link Manifest}. An existing file or folder is never taken for a pattern. In a folder
 * without images, each folder at any depth that holds DICOM files is a scan.
 *
 * <p>A case is named after its file; of two files with one name the second is refused. Cases of a pattern keep their folders
 * below the part without wildcards.
 */
final class Scans {
    /** Names of DICOM files: of a usual suffix, or with numbers and without a suffix but a number, as of identifiers. */
    private static final Pattern SLICE =
            Pattern.compile("[^.].*\\.(dcm|ima|dicom)|[^.]*\\d[^.]*|[^.].*\\.\\d+", Pattern.CASE_INSENSITIVE);

    private static final Pattern WILDCARD = Pattern.compile("[*?\\[{]");

    private final SparkSession spark;
    private final Storage storage;
    private final int channels;

    /** @param channels the model's */
    Scans(SparkSession spark, Storage storage, int channels) {
        this.spark = spark;
        this.storage = storage;
        this.channels = channels;
    }

    /**
     * Returns the scans, sorted by name except for a manifest's.
     *
     * @throws AttunetException if there is none, or a manifest lacks the column
     */
    List<ScanFiles> find(String input) {
        String place = storage.qualified(input);
        boolean pattern = WILDCARD.matcher(input).find() && !storage.exists(place);
        List<ScanFiles> scans;
        if (pattern) {
            scans = grouped(below(images(storage.glob(place)), fixedFolder(place)), channels);
        } else if (ManifestTable.looksLike(input)) {
            scans = new Manifest(spark, storage, channels).scans(place);
        } else if (storage.isFolder(place)) {
            scans = grouped(below(images(storage.list(place)), place), channels);
            if (scans.isEmpty()) {
                scans = series(place);
            }
        } else {
            scans = grouped(below(storage.list(place), Storage.parent(place)), channels);
        }
        if (scans.isEmpty()) {
            throw new AttunetException(
                    input,
                    "no image is there",
                    "NIfTI, PNG, JPEG, TIFF or BMP files, or folders of DICOM files",
                    "give another folder or pattern");
        }
        return unambiguous(scans);
    }

    private static List<Found> images(List<Found> files) {
        return files.stream()
                .filter(file -> Images.isImage(Path.of(Storage.name(file.uri()))))
                .toList();
    }

    /** Returns the folders that hold DICOM files, by their names below a folder. */
    private List<ScanFiles> series(String base) {
        Map<String, Long> bytes = new LinkedHashMap<>();
        for (Found file : storage.below(base)) {
            if (SLICE.matcher(Storage.name(file.uri())).matches()) {
                bytes.merge(Storage.parent(file.uri()), file.bytes(), Long::sum);
            }
        }
        List<ScanFiles> scans = new ArrayList<>();
        bytes.forEach((folder, size) -> {
            String name = folder.length() > base.length() ? folder.substring(base.length() + 1) : Storage.name(folder);
            scans.add(new ScanFiles(name, List.of(folder), size));
        });
        return scans;
    }

    /** Returns files by their paths below a folder. */
    private static Map<Path, Found> below(List<Found> files, String base) {
        String folder = base.endsWith("/") ? base : base + "/";
        Map<Path, Found> places = new LinkedHashMap<>();
        for (Found file : files) {
            String uri = file.uri();
            places.put(Path.of(uri.startsWith(folder) ? uri.substring(folder.length()) : Storage.name(uri)), file);
        }
        return places;
    }

    /**
     * Groups files into scans as {@code attunet predict} does, but files that aren't local by their names only.
     *
     * @param places files by their paths below the input; a case is named after its path, folders included
     */
    static List<ScanFiles> grouped(Map<Path, Found> places, int channels) {
        List<ScanFiles> scans = new ArrayList<>();
        for (ChannelGroup<Map.Entry<Path, Found>> group : ChannelGroup.withoutOnlyNumber(
                ChannelGroup.forModel(
                        List.copyOf(places.entrySet()), Map.Entry::getKey, channels, Scans::holdsChannels),
                channels)) {
            Path folder = group.files().get(0).getKey().getParent();
            List<Found> files = group.files().stream().map(Map.Entry::getValue).toList();
            var scan = new ScanFiles(
                    folder == null ? group.id() : folder + "/" + group.id(),
                    files.stream().map(Found::uri).toList(),
                    files.stream().mapToLong(Found::bytes).sum());
            scans.add(checked(scan, channels));
        }
        return scans;
    }

    private static boolean holdsChannels(Map.Entry<Path, Found> file) {
        Path local = Storage.local(file.getValue().uri());
        return local != null && ImageCase.holdsChannels(local);
    }

    /** Refuses a scan whose files are numbered for other channels than the model's. */
    static ScanFiles checked(ScanFiles scan, int channels) {
        List<Path> names =
                scan.files().stream().map(file -> Path.of(Storage.name(file))).toList();
        try {
            new ImageCase(scan.name(), names).requireNumbers(channels);
            return scan;
        } catch (AttunetException e) {
            return scan.refused(String.valueOf(e.getMessage()));
        }
    }

    /** Refuses scans with the name of an earlier one. */
    private static List<ScanFiles> unambiguous(List<ScanFiles> scans) {
        Set<String> names = new HashSet<>();
        List<ScanFiles> all = new ArrayList<>();
        for (ScanFiles scan : scans) {
            boolean first = names.add(scan.name());
            all.add(
                    first || scan.problem() != null
                            ? scan
                            : scan.refused(scan.files().get(0) + ": the case " + scan.name()
                                    + " has the name of another; expected a name of its own. Remedy: rename the file,"
                                    + " or give a manifest with a column case."));
        }
        return all;
    }

    /** Returns the folder above the first wildcard. */
    private static String fixedFolder(String pattern) {
        Matcher wildcard = WILDCARD.matcher(pattern);
        return Storage.parent(wildcard.find() ? pattern.substring(0, wildcard.start()) : pattern);
    }
}
