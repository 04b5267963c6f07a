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
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.attunet.error.AttunetException;
import org.attunet.io.WholeFile;
import org.attunet.server.work.CaseInput;
import org.attunet.server.work.InputException;

/**
 * A multipart request's files on disk, under names of ours: numbers, with the suffix of the format that the content
 * shows. The client's own names are remembered for its answers and appear in no path.
 */
public final class Uploads {
    private static final int MOST_FILES = 1000;
    private static final Pattern CHANNEL = Pattern.compile("(.+)_(\\d{4})");

    private Uploads() {}

    /**
     * Stores the files of a request.
     *
     * @throws HttpFailure where there is no file
     * @see #store(List, Path, int)
     */
    public static List<CaseInput> store(Context ctx, Path folder, int channels) {
        return store(files(ctx), folder, channels);
    }

    /**
     * Stores some files of a request.
     *
     * @param folder made where it's missing; in it stand {@code 0.png}, {@code 1.nii.gz} and so on, and {@code
     *     2_0000.nii.gz}, {@code 2_0001.nii.gz} where a case has several channels
     * @param channels the channels of the model: where it has several, NIfTI files whose names differ in {@code _0000},
     *     {@code _0001}, … are one case
     * @throws InputException where a file is no image
     */
    public static List<CaseInput> store(List<UploadedFile> files, Path folder, int channels) {
        WholeFile.makeFolder(folder);
        Map<String, List<UploadedFile>> cases = new LinkedHashMap<>();
        int number = 0;
        for (UploadedFile file : files) {
            Matcher matcher = CHANNEL.matcher(stem(file.filename()));
            boolean channel = channels > 1 && file.filename().contains(".nii") && matcher.matches();
            cases.computeIfAbsent(channel ? "c" + matcher.group(1) : "f" + number++, key -> new ArrayList<>())
                    .add(file);
        }
        List<CaseInput> stored = new ArrayList<>();
        for (Map.Entry<String, List<UploadedFile>> entry : cases.entrySet()) {
            boolean numbered = entry.getKey().startsWith("c");
            List<UploadedFile> members = entry.getValue();
            members.sort(Comparator.comparing(file -> stem(file.filename())));
            String name =
                    numbered ? entry.getKey().substring(1) : stem(members.get(0).filename());
            List<Path> paths = new ArrayList<>();
            Set<String> channelsSeen = new HashSet<>();
            for (UploadedFile file : members) {
                String channel = numbered ? "_" + last4(stem(file.filename())) : "";
                if (!channelsSeen.add(channel)) {
                    throw HttpFailure.bad("two files are the channel " + channel + " of one image", "one for each");
                }
                paths.add(store(file, folder, stored.size() + channel, name));
            }
            stored.add(new CaseInput(name, paths));
        }
        return stored;
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
            throw HttpFailure.bad(
                    "the request holds " + files.size() + " files",
                    "1 to " + MOST_FILES + ", as 'curl -F image=@scan.nii.gz' sends one");
        }
        return files;
    }

    /** Stores one file under a name of ours and the suffix of its format; returns its path. */
    public static Path store(UploadedFile upload, Path folder, String ours, String theirs) {
        return store(upload, folder, ours, in -> FileSignature.imageSuffix(in, theirs));
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

    private static String last4(String stem) {
        return stem.substring(stem.length() - 4);
    }
}
