package org.attunet.server.http;

import io.javalin.http.Context;
import io.javalin.http.UploadedFile;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.io.ChannelGroup;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.InheritedAccess;
import org.attunet.io.WholeFile;
import org.attunet.server.work.InputException;

/**
 * Stores the files of multipart requests under generated names: numbers, with the suffix of the detected format. The
 * clients' own names appear in responses, but in no path.
 */
public final class Uploads {
    /** The most files of a request. */
    public static final int MOST_FILES = 4000;

    private static final int LONGEST_STEM = 100; // characters

    private Uploads() {}

    /** An upload under its generated name, with the stem of the client's name. */
    private record Stored(String stem, Path file) {
        Path clientName() {
            return Path.of(stem + Images.suffix(file));
        }
    }

    /** Stores all files of a request, as {@link #store(List, Path, int)} does. */
    public static List<ImageCase> store(Context ctx, Path folder, int channels) {
        if (!ctx.isMultipartFormData()) {
            throw new HttpFailure(
                    415,
                    "the content type is not multipart/form-data; expected images as its files, as 'curl -F"
                            + " image=@scan.nii.gz' sends them");
        }
        List<UploadedFile> files = ctx.uploadedFiles();
        ErrorResponses.bodyRead(ctx);
        if (files.isEmpty()) {
            throw HttpFailure.bad(
                    "the request holds no file", "one or more, as 'curl -F image=@scan.nii.gz' sends one");
        }
        if (files.size() > MOST_FILES) {
            throw HttpFailure.tooLarge(
                    "the request holds " + files.size() + " files", "at most " + MOST_FILES + "; send DICOM as a zip");
        }
        return store(files, folder, channels);
    }

    /**
     * Stores files.
     *
     * @param folder created if it is missing; the files are called {@code 0.png}, {@code 1.nii.gz} and so on, and {@code
     *     2_0000.nii.gz}, {@code 3_0001.nii.gz} if they may be channels
     * @param channels the number of channels that the model takes
     * @return the cases by the rule of {@link ChannelGroup}, under the client's names, then the series that DICOM files and
     *     zip archives hold
     * @throws InputException if a file is no image
     */
    public static List<ImageCase> store(List<UploadedFile> files, Path folder, int channels) {
        List<Stored> images = new ArrayList<>();
        List<Path> series = new ArrayList<>();
        for (int k = 0; k < files.size(); k++) {
            String stem = stem(files.get(k).filename());
            int number = channels > 1 ? ChannelGroup.number(stem) : -1;
            String name = k + (number < 0 ? "" : String.format(Locale.ROOT, "_%04d", number));
            Path file = store(files.get(k), folder, name, stem, FileSignature.Kind.IMAGE_OR_SERIES);
            switch (Images.suffix(file)) {
                case FileSignature.DICOM -> series.add(file);
                case FileSignature.ZIP -> series.addAll(SeriesUploads.unpack(file, stem));
                default -> images.add(new Stored(stem, file));
            }
        }
        Stream<ImageCase> cases =
                ChannelGroup.forModel(
                                images, Stored::clientName, channels, upload -> ImageCase.holdsChannels(upload.file))
                        .stream()
                        .map(Uploads::imageCase);
        return Stream.concat(cases, SeriesUploads.cases(series).stream()).toList();
    }

    private static ImageCase imageCase(ChannelGroup<Stored> group) {
        Set<Integer> numbers = new HashSet<>();
        for (Stored upload : group.files()) {
            int number = ChannelGroup.number(upload.stem);
            if (!numbers.add(number)) {
                String found = String.format(Locale.ROOT, "two files are the channel _%04d of one image", number);
                throw HttpFailure.bad(found, "one for each");
            }
        }
        return new ImageCase(
                group.id(), group.files().stream().map(Stored::file).toList());
    }

    /**
     * Stores one image under a generated name and the suffix of its format; returns its path.
     *
     * @param clientName the client's name, for failures
     */
    public static Path store(UploadedFile upload, Path folder, String name, String clientName) {
        return store(upload, folder, name, clientName, FileSignature.Kind.IMAGE);
    }

    /** Stores one label map, NIfTI or NRRD, likewise. */
    public static Path storeLabels(UploadedFile upload, Path folder, String name, String clientName) {
        return store(upload, folder, name, clientName, FileSignature.Kind.LABELS);
    }

    private static Path store(
            UploadedFile upload, Path folder, String name, String clientName, FileSignature.Kind kind) {
        WholeFile.makeFolder(folder);
        try (InputStream in = new BufferedInputStream(upload.content(), 1 << 16)) {
            Path file = folder.resolve(name + FileSignature.suffix(in, clientName, kind));
            try (OutputStream out = InheritedAccess.create(file)) {
                in.transferTo(out);
            }
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(false);
            }
            return file;
        } catch (IOException e) {
            throw new AttunetException(
                    folder.toString(),
                    "an upload can't be stored (" + e.getClass().getSimpleName() + ")",
                    "room for the file",
                    "free some space, or choose another folder with --work",
                    e);
        }
    }

    /** Returns a client's file name without folders, suffix and characters that are unsafe in a header. */
    public static String stem(String name) {
        String last = Objects.toString(name, "").replaceAll(".*[/\\\\]", "");
        String stem = last.replaceAll("(?i)\\.(nii\\.gz|nii|nrrd|png|jpe?g|tiff?|bmp|dcm|zip)$", "");
        String clean = stem.replaceAll("[^\\p{L}\\p{M}\\p{N}._ -]", "_").strip();
        if (clean.codePointCount(0, clean.length()) > LONGEST_STEM) {
            clean = clean.substring(0, clean.offsetByCodePoints(0, LONGEST_STEM));
        }
        return clean.isBlank() || clean.matches("\\.+") ? "image" : clean;
    }
}
