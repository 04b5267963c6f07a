package org.attunet.cli;

import java.nio.file.Files;
import java.nio.file.Path;
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
}
