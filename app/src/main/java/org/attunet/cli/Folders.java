package org.attunet.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;

/** Folders that results are written to. */
final class Folders {
    private Folders() {}

    /** A folder that a run may be made in: missing, or without one. */
    static Path fresh(Path folder) {
        if (Files.exists(folder.resolve("model.json"))) {
            throw new AttunetException(
                    folder,
                    "it holds a run already",
                    "a folder without one",
                    "choose another folder with -o, or let its training go on with 'attunet train DATA -o " + folder
                            + " --resume'");
        }
        return folder;
    }

    /** Removes a folder of our own with all that is in it. */
    static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
