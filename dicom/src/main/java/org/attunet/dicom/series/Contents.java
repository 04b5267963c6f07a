package org.attunet.dicom.series;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.DoubleConsumer;
import java.util.stream.Collectors;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.InputFiles;
import org.attunet.dicom.data.Tag;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;

/**
 * What DICOM files hold: volumes, and other things such as segmentations, reports and localizers.
 *
 * @param series the volumes, in the order of their studies, numbers, identifiers and parts
 * @param others what is no volume, in the order of the files
 * @param damaged why files couldn't be read
 * @param notes what the user should know, in sentences
 */
public record Contents(List<Series> series, List<Other> others, List<AttunetException> damaged, List<String> notes) {

    /** The files of a folder that are looked at to tell what it holds. */
    private static final int LOOKED_AT = 2000;

    private static final String LOCALIZERS = "localizers";
    private static final String UNPLACED = "images that don't say where they lie";

    private static final String OWN_RESULT = "a result of attunet";

    /** Multi-frame True Color Secondary Capture Image Storage and Parametric Map Storage. */
    private static final Set<String> RESULTS = Set.of("1.2.840.10008.5.1.4.1.1.7.4", "1.2.840.10008.5.1.4.1.1.30");

    /** What lists other files. */
    private static final String DIRECTORY = "directory";

    /** Begins the keys of pictures, which no identifier does. */
    private static final String PICTURE = "picture ";

    /**
     * Files of a series that are no slices of a volume.
     *
     * @param first the first of them
     * @param files how many there are
     * @param reason what they are instead, such as {@code a segmentation}
     */
    public record Other(DicomFile first, int files, String reason) {}

    /**
     * Finds what a folder and the folders in it, a DICOMDIR, a zip archive or a file holds. Files that are no DICOM are left out.
     *
     * @param progress receives the share of files whose headers are read, on the calling thread
     * @throws AttunetException if the input can't be read
     */
    public static Contents of(Path input, DoubleConsumer progress) {
        InputFiles files = InputFiles.of(input);
        return of(files.files(), files.notes(), progress);
    }

    /**
     * Finds what files hold. Those that are no DICOM are left out. A single one is read as {@link #of(Path, DoubleConsumer)} does.
     *
     * @param progress receives the share of files whose headers are read, on the calling thread
     */
    public static Contents of(List<Path> files, DoubleConsumer progress) {
        return files.size() == 1 ? of(files.get(0), progress) : of(files, List.of(), progress);
    }

    /**
     * Checks that all files could be read: a volume may lack one.
     *
     * @return this
     * @throws AttunetException the first failure
     */
    public Contents requireWhole() {
        if (!damaged.isEmpty()) {
            throw damaged.get(0);
        }
        return this;
    }

    /**
     * {@return whether a file is DICOM, or a folder or zip archive holds DICOM among its first files}
     *
     * @param input any file or folder; what can't be read is none
     */
    public static boolean areIn(Path input) {
        try {
            return InputFiles.anyOfFirst(input, LOOKED_AT, DicomFile::looksLike);
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
    }

    private static Contents of(List<Path> files, List<String> notes, DoubleConsumer progress) {
        Map<String, List<Slice>> slices = new LinkedHashMap<>();
        List<Slice> pictures = new ArrayList<>();
        List<DicomFile> results = new ArrayList<>();
        Map<List<String>, Other> others = new LinkedHashMap<>();
        List<AttunetException> damaged = new ArrayList<>();
        int done = 0;
        for (Path path : files) {
            Interruption.check();
            try {
                DicomFile file = DicomFile.readIfDicom(path);
                if (file != null && isOwnResult(file.elements())) {
                    results.add(file);
                } else if (file != null) {
                    sort(file, slices, pictures, others);
                }
            } catch (AttunetException e) {
                damaged.add(Slice.named(path, e));
            }
            progress.accept(++done / (double) files.size());
        }
        boolean alone = slices.isEmpty() && pictures.isEmpty();
        for (DicomFile result : results) { // beside images they are no further images
            try {
                if (alone) {
                    sort(result, slices, pictures, others);
                } else {
                    addOther(result, OWN_RESULT, others);
                }
            } catch (AttunetException e) {
                damaged.add(Slice.named(result.path(), e));
            }
        }
        for (Slice picture : pictures) { // beside volumes they are screen shots, reports and surveys
            if (slices.isEmpty() || slices.containsKey(PICTURE + 1)) {
                slices.put(PICTURE + (slices.size() + 1), new ArrayList<>(List.of(picture)));
            } else {
                addOther(picture.file(), UNPLACED, others);
            }
        }
        return new Contents(series(slices, others.values()), List.copyOf(others.values()), damaged, notes);
    }

    private static void sort(
            DicomFile file, Map<String, List<Slice>> slices, List<Slice> pictures, Map<List<String>, Other> others) {
        String uid = file.elements().text(Tag.SERIES_INSTANCE_UID);
        String reason = reason(file);
        List<Slice> own = reason.isEmpty() ? Slice.of(file) : List.of();
        if (!own.isEmpty() && own.get(0).isPlaced()) {
            slices.computeIfAbsent(uid, k -> new ArrayList<>()).addAll(own);
        } else if (!own.isEmpty()) {
            pictures.addAll(own);
        } else if (!reason.equals(DIRECTORY)) {
            addOther(file, reason.isEmpty() ? UNPLACED : reason, others);
        }
    }

    private static void addOther(DicomFile file, String what, Map<List<String>, Other> others) {
        others.merge(
                List.of(file.elements().text(Tag.SERIES_INSTANCE_UID), what),
                new Other(file, 1, what),
                (all, one) -> new Other(all.first, all.files + 1, what));
    }

    /** Why a file is no part of a volume; empty if it may be. */
    private static String reason(DicomFile file) {
        String modality = file.elements().text(Tag.MODALITY);
        if (!file.elements().items(Tag.DIRECTORY_RECORD_SEQUENCE).isEmpty()) {
            return DIRECTORY;
        }
        List<String> type = file.elements().texts(Tag.IMAGE_TYPE);
        return switch (modality) {
            case "SEG" -> "a segmentation";
            case "RTSTRUCT" -> "contours";
            case "SR" -> "a structured report";
            default -> {
                if (!file.hasPixels()) {
                    yield "no image";
                }
                yield type.contains("LOCALIZER") || type.contains("SCOUT") ? LOCALIZERS : "";
            }
        };
    }

    /** Whether it is a map or pictures of a mask that attunet wrote, which lie where the images do. */
    private static boolean isOwnResult(DataSet elements) {
        return RESULTS.contains(elements.text(Tag.SOP_CLASS_UID))
                && elements.text(Tag.MANUFACTURER).equals("attunet");
    }

    private static List<Series> series(Map<String, List<Slice>> slices, Collection<Other> others) {
        List<Series> all = new ArrayList<>();
        for (Map.Entry<String, List<Slice>> own : slices.entrySet()) {
            List<String> left = others.stream()
                    .filter(other -> (other.reason.equals(LOCALIZERS) || other.reason.equals(UNPLACED))
                            && other.first
                                    .elements()
                                    .text(Tag.SERIES_INSTANCE_UID)
                                    .equals(own.getKey()))
                    .map(other -> other.files + " of the series' files left out: " + other.reason)
                    .toList();
            List<Splitting.Part> parts = Splitting.of(own.getValue());
            for (Splitting.Part part : parts) {
                List<String> notes = new ArrayList<>(part.notes());
                notes.addAll(left);
                if (part.slices().size() == 1 && parts.size() < own.getValue().size()) {
                    notes.add(
                            "it is a single slice of another kind than the others of its series, perhaps a survey image");
                }
                all.add(new Series(part.slices(), 0, part.traits(), notes));
            }
        }
        all.sort(Comparator.comparing(Series::studyUid)
                .thenComparing(Series::number)
                .thenComparing(Series::uid)); // stable: parts stay in their order
        Map<String, Long> labels = all.stream().collect(Collectors.groupingBy(Series::label, Collectors.counting()));
        Map<String, Integer> last = new HashMap<>();
        return all.stream()
                .map(series -> Objects.requireNonNullElse(labels.get(series.label()), 0L) < 2
                        ? series
                        : series.withIndex(last.merge(series.label(), 1, Integer::sum)))
                .toList();
    }
}
