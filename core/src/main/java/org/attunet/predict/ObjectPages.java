package org.attunet.predict;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.attunet.error.AttunetException;
import org.attunet.io.WholeFile;

/** What a folder of objects has once: {@code counts.csv} and {@code index.html}. */
final class ObjectPages {
    private static final int BEGINNING = 1024;

    private ObjectPages() {}

    /** Refuses a folder whose files of these names are another program's, before anything is computed. */
    static void requireOwn(Path folder) {
        requireOwn(folder.resolve(ObjectCounts.NAME), ObjectCounts.BEGINNING);
        requireOwn(folder.resolve(ContactSheet.NAME), ContactSheet.MARK);
    }

    /** Refuses a file that doesn't have a mark near its beginning. */
    static void requireOwn(Path file, String mark) {
        if (Files.exists(file) && !isOwn(file, mark)) {
            throw new AttunetException(
                    file,
                    "it isn't a result of a prediction and would be replaced",
                    "a folder for results",
                    "give another folder as the output, or move the file");
        }
    }

    private static boolean isOwn(Path file, String mark) {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(BEGINNING), StandardCharsets.UTF_8).contains(mark);
        } catch (IOException e) {
            throw new AttunetException(
                    file.toString(), "it can't be read (" + e + ")", "a readable file", "remove it", e);
        }
    }

    /** The files of these names in a folder that an earlier prediction wrote. */
    static List<Path> earlier(Path folder) {
        List<Path> own = new ArrayList<>();
        Path counts = folder.resolve(ObjectCounts.NAME);
        if (Files.isReadable(counts) && isOwn(counts, ObjectCounts.BEGINNING)) {
            own.add(counts);
        }
        Path page = folder.resolve(ContactSheet.NAME);
        if (Files.isReadable(page) && isOwn(page, ContactSheet.MARK)) {
            own.add(page);
        }
        return own;
    }

    static void write(Path folder, List<CasePrediction> outcomes, ContactSheet sheet) {
        WholeFile.writeString(folder.resolve(ObjectCounts.NAME), ObjectCounts.toCsv(outcomes));
        WholeFile.write(folder.resolve(ContactSheet.NAME), sheet.page(outcomes));
    }
}
