package org.attunet.server.work;

import java.nio.file.Path;
import java.util.List;
import org.attunet.error.AttunetException;
import org.attunet.predict.InputCase;

/**
 * One image that a client gave, in files whose names are ours.
 *
 * @param name what the client calls it, without suffix; for answers to that client only, never part of a path
 * @param files one, or one for each channel
 */
public record CaseInput(String name, List<Path> files) {
    /** Copies the list. */
    public CaseInput {
        files = List.copyOf(files);
    }

    /** The files' format by their suffix: {@code .nii.gz}, {@code .nii}, {@code .tif}, {@code .png}, … */
    String suffix() {
        return org.attunet.io.Images.suffix(files.get(0));
    }

    /** The image as the program's other parts name it. */
    InputCase input(int channels) {
        List<InputCase> cases = InputCase.group(files, channels);
        if (cases.size() != 1) {
            throw new AttunetException(
                    name, files.size() + " files", "the numbered channels of one image", "send one image at a time");
        }
        return cases.get(0);
    }
}
