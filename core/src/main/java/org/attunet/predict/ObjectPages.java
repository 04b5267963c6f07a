package org.attunet.predict;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
        if (!Files.exists(file)) {
            return;
        }
        String beginning = "";
        if (Files.isRegularFile(file)) {
            try (InputStream in = Files.newInputStream(file)) {
                beginning = new String(in.readNBytes(BEGINNING), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new AttunetException(
                        file.toString(), "it can't be read (" + e + ")", "a readable file", "remove it", e);
            }
        }
        if (!beginning.contains(mark)) {
            throw new AttunetException(
                    file,
                    "it isn't a result of a prediction and would be replaced",
                    "a folder for results",
                    "give another folder as the output, or move the file");
        }
    }

    static void write(Path folder, List<CasePrediction> outcomes, ContactSheet sheet) {
        WholeFile.writeString(folder.resolve(ObjectCounts.NAME), ObjectCounts.toCsv(outcomes));
        WholeFile.write(folder.resolve(ContactSheet.NAME), sheet.page(outcomes));
    }
}
