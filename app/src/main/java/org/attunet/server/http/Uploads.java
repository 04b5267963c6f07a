package org.attunet.server.http;

import io.javalin.http.Context;
import io.javalin.http.UploadedFile;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.attunet.error.AttunetException;
import org.attunet.io.ChannelGroup;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.WholeFile;
import org.attunet.server.work.InputException;

/**
 * A multipart request's files on disk, under names of ours: numbers, with the suffix of the format that the content
 * shows. The client's own names are remembered for its answers and appear in no path.
 */
public final class Uploads {
    private static final int MOST_FILES = 1000;

    private Uploads() {}

    /**
     * Stores the files of a request.
     *
     * @throws HttpFailure where there is no file
     * @see #store(List, Path, int)
     */
    public static List<ImageCase> store(Context ctx, Path folder, int channels) {
        return store(files(ctx), folder, channels);
    }

    /**
     * Stores some files of a request.
     *
     * @param folder created if it is missing; the files are called {@code 0.png}, {@code 1.nii.gz} and so on, and {@code
     *     2_0000.nii.gz}, {@code 3_0001.nii.gz} if they may be channels
     * @param channels the number of channels that the model takes
     * @return the cases by the rule of {@link ChannelGroup}, under the client's names
     * @throws InputException if a file is no image
     */
    public static List<ImageCase> store(List<UploadedFile> files, Path folder, int channels) {
        WholeFile.makeFolder(folder);
        List<Stored> stored = new ArrayList<>();
        for (UploadedFile file : files) {
            String name = stem(file.filename());
            int number = channels > 1 ? ChannelGroup.number(name) : -1;
            String ours = stored.size() + (number < 0 ? "" : String.format(Locale.ROOT, "_%04d", number));
            stored.add(new Stored(name, store(file, folder, ours, name)));
        }
        return ChannelGroup.forModel(stored, Stored::named, channels, upload -> ImageCase.holdsChannels(upload.file))
                .stream()
                .map(Uploads::imageCase)
                .toList();
    }

    /** An upload under a name of ours and the stem of the client's. */
    private record Stored(String stem, Path file) {
        Path named() {
            return Path.of(stem + Images.suffix(file));
        }
    }

    private static ImageCase imageCase(ChannelGroup<Stored> group) {
        Set<Integer> numbers = new HashSet<>();
        for (Stored upload : group.files()) {
            int number = ChannelGroup.number(upload.stem);
            if (!numbers.add(number)) {
                throw HttpFailure.bad(String.format(
                        Locale.ROOT, "two files are the channel _%04d of one image; expected one for each", number));
            }
        }
        return new ImageCase(
                group.id(), group.files().stream().map(Stored::file).toList());
    }

    /** The files of a multipart request, one or more. */
    public static List<UploadedFile> files(Context ctx) {
        if (!ctx.isMultipartFormData()) {
            throw new HttpFailure(
                    415,
                    "the content type is not multipart/form-data; expected images as its files, as 'curl -F"
                            + " image=@scan.nii.gz' sends them");
        }
        List<UploadedFile> files = ctx.uploadedFiles();
        ErrorResponses.bodyRead(ctx);
        if (files.isEmpty() || files.size() > MOST_FILES) {
            throw HttpFailure.bad("the request holds " + files.size() + " files; expected 1 to " + MOST_FILES
                    + ", as 'curl -F image=@scan.nii.gz' sends one");
        }
        return files;
    }

    /** Stores one file under a name of ours and the suffix of its format; returns its path. */
    public static Path store(UploadedFile upload, Path folder, String ours, String theirs) {
        return store(upload, folder, ours, in -> FileSignature.suffix(in, theirs));
    }

    /** The same for a label map, NIfTI or NRRD. */
    public static Path storeLabels(UploadedFile upload, Path folder, String ours, String theirs) {
        return store(upload, folder, ours, in -> FileSignature.labelSuffix(in, theirs));
    }

    /** What tells a suffix by the first bytes of a stream, which stays where it is. */
    private interface Kind {
        String suffix(InputStream in) throws IOException;
    }

    private static Path store(UploadedFile upload, Path folder, String ours, Kind kind) {
        try (InputStream in = new BufferedInputStream(upload.content(), 1 << 16)) {
            Path file = folder.resolve(ours + kind.suffix(in));
            WholeFile.makeFolder(folder);
            Files.copy(in, file);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(false);
            }
            return file;
        } catch (IOException e) {
            throw unwritable(folder, e);
        }
    }

    private static AttunetException unwritable(Path folder, IOException e) {
        return new AttunetException(
                folder.toString(),
                "an upload can't be kept (" + e.getClass().getSimpleName() + ")",
                "room for the file",
                "free some space, or name another folder with --work",
                e);
    }

    /** A client's name for a file without folders, suffix and letters that would break an answer's header. */
    public static String stem(String name) {
        String last = Objects.toString(name, "").replaceAll(".*[/\\\\]", "");
        String stem = last.replaceAll("(?i)\\.(nii\\.gz|nii|nrrd|png|jpe?g|tiff?|bmp)$", "");
        String clean = stem.replaceAll("[^\\p{L}\\p{N}._ -]", "_").strip();
        clean = clean.length() > 100 ? clean.substring(0, 100) : clean;
        return clean.isBlank() || clean.matches("\\.+") ? "image" : clean;
    }
}
