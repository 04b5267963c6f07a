package org.attunet.dicom.anonymise;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.DoubleConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.DicomWriter;
import org.attunet.dicom.data.FrameBytes;
import org.attunet.dicom.data.InputFiles;
import org.attunet.dicom.data.PixelFormat;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.TransferSyntax.Pixels;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;
import org.attunet.io.WholeFile;
import org.jspecify.annotations.Nullable;

/**
 * De-identifies the DICOM files of a folder and the folders in it, a DICOMDIR or a zip archive into a new folder. Pixel data stays as it is encoded.
 *
 * <p>Files get names by number, in folders by patient, study and series. All files are read for what identifies before the
 * first one is written. For one run, on one thread.
 */
public final class FolderAnonymiser {
    private static final Set<Pixels> COMMENTED = EnumSet.of(Pixels.JPEG, Pixels.JPEG_LS, Pixels.JPEG_2000);
    private static final int COMMENTS = 1 << 13; // bytes before and after the pixels in which they lie
    private static final double READING = 0.2; // its share of the work

    private final Anonymiser anonymiser;
    private final boolean burnedIn;
    private final Map<String, Integer> numbers =
            new HashMap<>(); // of studies and series, by their folder and identifier
    private final Map<String, Integer> counts = new HashMap<>(); // of what a folder holds
    private final List<String> problems = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final Set<String> patients = new LinkedHashSet<>();
    private int foreign;
    private int directories;
    private int shown;
    private int written;

    /**
     * What a run did.
     *
     * @param files how many were written
     * @param patients of how many patients
     * @param notes what was left out by its kind, in sentences
     * @param warnings what may still identify, in sentences
     * @param problems why files weren't written, a sentence each
     */
    public record Outcome(int files, int patients, List<String> notes, List<String> warnings, List<String> problems) {}

    /**
     * @param burnedIn whether images are taken whose pixels may show who the patient is
     */
    public FolderAnonymiser(Anonymiser anonymiser, boolean burnedIn) {
        this.anonymiser = anonymiser;
        this.burnedIn = burnedIn;
    }

    /**
     * De-identifies files.
     *
     * @param source a folder, a DICOMDIR, a zip archive or a file
     * @param target a folder that doesn't exist or is empty, and isn't in the source
     * @param progress receives the share done, on the calling thread
     * @throws AttunetException if there are no DICOM files, or the target isn't as said or can't be written
     */
    public Outcome run(Path source, Path target, DoubleConsumer progress) {
        requireNew(source, target);
        InputFiles input = InputFiles.of(source);
        List<Path> all = input.files();
        notes.addAll(input.notes());
        List<Path> found = new ArrayList<>();
        for (Path file : all) {
            Interruption.check();
            if (learned(file)) {
                found.add(file);
            }
            progress.accept(READING * (found.size() + foreign + problems.size()) / all.size());
        }
        if (found.isEmpty() && problems.isEmpty()) {
            throw new AttunetException(source, "no DICOM files", "files of a scanner or archive", "name their folder");
        }
        int done = 0;
        for (Path file : found) {
            Interruption.check();
            tried(file, () -> write(file, target));
            progress.accept(READING + (1 - READING) * ++done / found.size());
        }
        return outcome();
    }

    private Outcome outcome() {
        if (foreign > 0) {
            notes.add("left out, for they are no DICOM files: " + foreign);
        }
        if (directories > 0) {
            notes.add("left out: DICOMDIR, which names patients, and files by their old names");
        }
        if (shown > 0) {
            warnings.add(
                    "taken as allowed, although their pixels may show who the patient is: " + shown + "; look at them");
        }
        return new Outcome(written, patients.size(), List.copyOf(notes), List.copyOf(warnings), List.copyOf(problems));
    }

    /** Learns what identifies in a file; returns whether it is to be written. */
    private boolean learned(Path file) {
        boolean[] taken = {false};
        tried(file, () -> {
            DicomFile dicom = DicomFile.readIfDicom(file);
            if (dicom == null) {
                foreign++;
                return;
            }
            anonymiser.learn(dicom.elements());
            boolean directory = dicom.elements().find(Tag.DIRECTORY_RECORD_SEQUENCE) != null;
            directories += directory ? 1 : 0;
            taken[0] = !directory;
        });
        return taken[0];
    }

    /** Does something with a file; what fails by the file is a problem, and the others are done. */
    private void tried(Path file, Runnable work) {
        try {
            work.run();
        } catch (AttunetException e) {
            if (!e.subject().equals(file.toString()) && !e.subject().startsWith("(")) {
                throw e; // the target's
            }
            String subject = e.subject().equals(file.toString()) ? "" : file + ": ";
            problems.add(subject + e.getMessage());
        }
    }

    private void write(Path file, Path target) {
        DicomFile dicom = DicomFile.read(file);
        DataSet elements = dicom.elements();
        requireClean(file, dicom);
        DataSet clean = anonymiser.anonymise(elements);
        String patient = anonymiser.patient(elements);
        patients.add(patient);
        String study = numbered(patient, "study", elements.text(Tag.STUDY_INSTANCE_UID));
        String series = numbered(study, "series", elements.text(Tag.SERIES_INSTANCE_UID));
        String name = String.format("%s/%04d.dcm", series, counts.merge(series, 1, Integer::sum));
        WholeFile.write(target.resolve(name), out -> DicomWriter.write(out, clean, dicom));
        written++;
    }

    private void requireClean(Path file, DicomFile dicom) {
        DataSet elements = dicom.elements();
        if (Anonymiser.isDocument(elements)) {
            throw new AttunetException(
                    file,
                    "it is a document, such as a PDF, or a voice in a DICOM file",
                    "an image, or a report of DICOM's own",
                    "leave it out: what it says isn't cleaned");
        }
        String reason = dicom.hasPixels() ? shows(dicom) : null;
        if (reason != null && !burnedIn) {
            throw new AttunetException(
                    file,
                    reason,
                    "an image whose pixels show nobody's name",
                    "look at it, and give --allow-burned-in if they don't");
        }
        shown += reason == null ? 0 : 1;
    }

    /** Why pixel data may show who the patient is; null if nothing says so. */
    private @Nullable String shows(DicomFile dicom) {
        String reason = Anonymiser.burnedIn(dicom.elements());
        boolean compressed = COMMENTED.contains(dicom.syntax().pixels());
        return reason == null && compressed && isNamedInComments(dicom)
                ? "comments in its compressed pixels name the patient"
                : reason;
    }

    /** Whether a frame begins or ends with text that identifies; false of pixels that attunet doesn't read. */
    private boolean isNamedInComments(DicomFile dicom) {
        try {
            PixelFormat format = PixelFormat.of(dicom);
            try (FrameBytes frames = FrameBytes.open(dicom, format)) {
                for (int k = 0; k < format.frames(); k++) {
                    Interruption.check();
                    byte[] frame = frames.frame(k);
                    byte[] head = Arrays.copyOf(frame, Math.min(frame.length, COMMENTS));
                    byte[] tail = Arrays.copyOfRange(frame, Math.max(0, frame.length - COMMENTS), frame.length);
                    if (anonymiser.identify(head, dicom.elements()) || anonymiser.identify(tail, dicom.elements())) {
                        return true;
                    }
                }
            }
        } catch (AttunetException | IOException e) {
            return false; // what is damaged is found when it is written
        }
        return false;
    }

    /** The folder of a study or series, by number in the order in which they come. */
    private String numbered(String folder, String kind, String uid) {
        int number =
                numbers.computeIfAbsent(folder + "\n" + uid, key -> counts.merge(folder + "/" + kind, 1, Integer::sum));
        return folder + "/" + kind + number;
    }

    /** Writes which patient became which, into a file that only its owner may read. */
    public void writePatients(Path file) {
        String lines = anonymiser.patients().entrySet().stream()
                .map(entry -> entry.getValue() + "\t"
                        + entry.getKey()
                                .replace('\t', ' ')
                                .replaceFirst("\n", "\t")
                                .replaceAll("\\R", " ") + "\n")
                .collect(Collectors.joining());
        OwnerFile.create(file, ("new\tby\told\n" + lines).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Requires that a file doesn't exist.
     *
     * @throws AttunetException if it does
     */
    public static void requireAbsent(Path file) {
        if (Files.exists(file)) {
            throw OwnerFile.exists(file);
        }
    }

    /**
     * Requires that a secret isn't to lie among the files that are written.
     *
     * @throws AttunetException if it is
     */
    public static void requirePrivate(Path file, Path target) {
        if (real(file).startsWith(real(target))) {
            throw new AttunetException(
                    file, "it is in the folder of de-identified files", "another folder", "keep it apart from them");
        }
    }

    private static void requireNew(Path source, Path target) {
        if (!Files.exists(source)) {
            throw new AttunetException(source, "it doesn't exist", "a file or folder", "correct the path");
        }
        if (Files.isDirectory(source) && real(target).startsWith(real(source))) {
            throw new AttunetException(target, "it is in the input", "a folder elsewhere", "choose another one");
        }
        try (Stream<Path> content = Files.isDirectory(target) ? Files.list(target) : Stream.empty()) {
            if (content.findAny().isPresent() || Files.isRegularFile(target)) {
                throw new AttunetException(
                        target, "it isn't empty", "a new folder", "choose another one; nothing is overwritten");
            }
        } catch (IOException e) {
            throw new AttunetException(
                    target.toString(), "it can't be read (" + e + ")", "a new folder", "choose another one", e);
        }
    }

    /** The path without links, as far as it exists. */
    private static Path real(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        @Nullable Path existing = absolute;
        while (existing != null) {
            try {
                return existing.toRealPath().resolve(existing.relativize(absolute));
            } catch (IOException e) {
                existing = existing.getParent();
            }
        }
        return Objects.requireNonNull(absolute);
    }
}
