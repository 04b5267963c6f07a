package org.attunet.server.monai;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.attunet.dicom.web.DicomWeb;
import org.attunet.dicom.web.FoundSeries;
import org.attunet.dicom.web.WebAddress;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Orientation;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.StoredSeries;
import org.attunet.io.WholeFile;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.work.InputException;
import org.attunet.server.work.WorkFolder;

/**
 * The series of a PACS that can be segmented, fetched when they are asked for and kept on disk while there is room. What an
 * earlier process fetched is removed.
 *
 * <p>Thread-safe.
 */
final class Studies {
    private static final List<String> MODALITIES = List.of("CT", "MR");
    private static final String SEGMENTATION = "SEG";
    private static final String SLICES = "slices";
    private static final String VOLUME = "volume.nii.gz";
    private static final int MOST = 1000; // series of a modality
    private static final Duration FRESH = Duration.ofSeconds(60);
    private static final long ROOM = 8L << 30; // bytes of fetched series

    private final DicomWeb web;
    private final Path root;
    private final VolumeUploads uploads;
    private final Map<String, Object> locks = new ConcurrentHashMap<>();
    private final Map<String, Set<String>> referenced = new ConcurrentHashMap<>(); // by segmentations
    private Listing listing = new Listing(Instant.MIN, Map.of(), Map.of());

    /** The series by their identifiers, and the segmentations by those of the series that they are of. */
    private record Listing(Instant made, Map<String, FoundSeries> images, Map<String, FoundSeries> labels) {}

    /**
     * A fetched series.
     *
     * @param slices the folder of its DICOM files
     * @param volume the same as NIfTI: columns, rows from the top, slices along the normal, as MONAI Label makes it and OHIF
     *     counts voxels
     */
    record Fetched(FoundSeries series, Path slices, Path volume) {
        ImageCase asSeries() {
            return new ImageCase(name(), List.of(slices));
        }

        ImageCase asVolume() {
            return new ImageCase(name(), List.of(volume));
        }

        /** A name for files, without anything of the patient. */
        private String name() {
            return series.modality() + "_series" + series.number();
        }
    }

    /**
     * @param root a folder for what is fetched, emptied now
     * @param uploads bounds what is read
     */
    Studies(DicomWeb web, Path root, VolumeUploads uploads) {
        this.web = web;
        this.root = root;
        this.uploads = uploads;
        WorkFolder.delete(root);
        WholeFile.makeFolder(root);
    }

    /** Asks the PACS; its failures are answered as those of another server. */
    private static <T> T ask(Supplier<T> question) {
        try {
            return question.get();
        } catch (AttunetException e) {
            throw new HttpFailure(502, "the PACS: " + e.found() + "; expected " + e.expected());
        }
    }

    /** Stores a segmentation. */
    void store(Path file) {
        ask(() -> web.store(List.of(file), share -> {}));
        changed();
    }

    /** Fetches the file of a segmentation. */
    Path label(FoundSeries segmentation, Path folder) {
        return download(segmentation, WholeFile.makeFolder(folder)).get(0);
    }

    /** Returns the series that can be segmented, asked anew after a minute. */
    List<FoundSeries> images() {
        return List.copyOf(listing().images.values());
    }

    /** Returns the segmentations by the identifiers of the series that they are of. */
    Map<String, FoundSeries> labels() {
        return listing().labels;
    }

    private synchronized Listing listing() {
        if (listing.made.plus(FRESH).isBefore(Instant.now())) {
            Map<String, FoundSeries> images = new LinkedHashMap<>();
            for (String modality : MODALITIES) {
                find(Map.of("Modality", modality)).forEach(one -> images.put(one.uid(), one));
            }
            Map<String, FoundSeries> labels = new LinkedHashMap<>();
            for (FoundSeries one : find(Map.of("Modality", SEGMENTATION))) {
                referenced
                        .computeIfAbsent(one.uid(), uid -> ask(() -> web.referencedSeries(one.studyUid(), uid)))
                        .forEach(image -> labels.put(image, one));
            }
            listing = new Listing(Instant.now(), images, labels);
        }
        return listing;
    }

    /** Forgets the listing, since something was stored. */
    private synchronized void changed() {
        listing = new Listing(Instant.MIN, Map.of(), Map.of());
    }

    /** Returns a series of the PACS, or throws 404. */
    FoundSeries find(String uid) {
        if (!uid.matches("[0-9][0-9.]{0,63}")) {
            throw notFound();
        }
        synchronized (this) {
            FoundSeries known = listing.images.get(uid);
            if (known != null) {
                return known;
            }
        }
        return find(Map.of("SeriesInstanceUID", uid)).stream()
                .filter(series -> series.uid().equals(uid))
                .findFirst()
                .orElseThrow(Studies::notFound);
    }

    private List<FoundSeries> find(Map<String, String> filters) {
        return ask(() -> web.findSeries(null, filters, MOST));
    }

    private static HttpFailure notFound() {
        return HttpFailure.notFound("series of that id in the PACS", "a Series Instance UID is the id");
    }

    /** Fetches a series, unless it is there; files are linked into a folder of the caller's, which nothing removes from it. */
    Fetched fetch(String uid, Path into) {
        FoundSeries series = find(uid);
        Path kept = root.resolve(uid);
        synchronized (locks.computeIfAbsent(uid, key -> new Object())) {
            if (!Files.isDirectory(kept)) {
                Path staged = root.resolve("." + uid);
                WorkFolder.delete(staged);
                prepare(series, staged);
                keep(staged, kept);
            }
            return linked(series, kept, into.resolve("study"));
        }
    }

    private synchronized Fetched linked(FoundSeries series, Path kept, Path own) {
        try {
            Files.setLastModifiedTime(kept, FileTime.from(Instant.now()));
            link(kept.resolve(SLICES), WholeFile.makeFolder(own.resolve(SLICES)));
            link(kept, own);
            return new Fetched(series, own.resolve(SLICES), own.resolve(VOLUME));
        } catch (IOException e) {
            throw unstored(e);
        }
    }

    private List<Path> download(FoundSeries series, Path folder) {
        WebAddress address = web.address().of(series.studyUid(), series.uid());
        return ask(() -> web.download(address, folder, share -> {}));
    }

    private void prepare(FoundSeries series, Path folder) {
        Path slices = WholeFile.makeFolder(folder.resolve(SLICES));
        List<Path> files = download(series, slices);
        uploads.inTurn("the series", files.get(0), () -> {
            StoredSeries whole = new ImageCase("series", List.of(slices)).series();
            Grid grid = whole.header().grid();
            if (grid.voxels() > uploads.mostVoxels()) {
                throw InputException.tooManyVoxels("the series", grid, uploads.mostVoxels());
            }
            Images.write(rowsFromTheTop(grid).apply(whole.image(share -> {})), folder.resolve(VOLUME));
            return grid;
        });
    }

    /** From the order of NIfTI files that dcm2niix makes to that of DICOM's rows. */
    static Orientation rowsFromTheTop(Grid grid) {
        return Orientation.of(grid, new int[] {0, 1, 2}, new boolean[] {false, true, false});
    }

    private synchronized void keep(Path staged, Path kept) {
        try {
            Files.move(staged, kept);
            makeRoom(kept);
        } catch (IOException e) {
            throw unstored(e);
        }
    }

    private static void link(Path from, Path to) throws IOException {
        for (Path file : WorkFolder.list(from)) {
            if (Files.isRegularFile(file)) {
                Path link = to.resolve(file.getFileName());
                try {
                    Files.createLink(link, file);
                } catch (IOException | UnsupportedOperationException e) {
                    Files.copy(file, link);
                }
            }
        }
    }

    private static AttunetException unstored(IOException e) {
        return new AttunetException(
                "the PACS' series",
                "it can't be stored (" + e.getClass().getSimpleName() + ")",
                "room for it",
                "free some space, or choose another folder with --work",
                e);
    }

    /** Removes the series that were used longest ago until the others fit; never this one. */
    private void makeRoom(Path latest) throws IOException {
        List<Path> series = new ArrayList<>(WorkFolder.list(root));
        series.removeIf(folder ->
                folder.equals(latest) || folder.getFileName().toString().startsWith("."));
        series.sort(Comparator.comparing(Studies::used));
        long total = size(latest);
        for (Path folder : series) {
            total += size(folder);
        }
        for (Path folder : series) {
            if (total > ROOM) {
                total -= size(folder);
                WorkFolder.delete(folder);
            }
        }
    }

    private static Instant used(Path folder) {
        try {
            return Files.getLastModifiedTime(folder).toInstant();
        } catch (IOException e) {
            return Instant.MIN; // removed meanwhile
        }
    }

    private static long size(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }
}
