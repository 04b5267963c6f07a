package org.attunet.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.attunet.error.AttunetException;

/** Folders that results are written to. */
final class OutputFolder {
    private OutputFolder() {}

    /** Returns a folder in which a run may be created, after checking that it holds none. */
    static Path withoutRun(Path folder) {
        if (Files.exists(folder.resolve("model.json"))) {
            throw new AttunetException(
                    folder,
                    "it holds a run already",
                    "a folder without one",
                    "choose another folder with -o, or continue its training with 'attunet train DATA -o " + folder
                            + " --resume'");
        }
        return folder;
    }
}
