package org.attunet.dataset;

import java.nio.file.Path;
import java.util.List;
import org.attunet.image.LabelSet;
import org.attunet.io.ImageCase;

/**
 * A folder of cases with what they have in common.
 *
 * @param root the folder
 * @param name as declared in {@code dataset.json}, else the folder's name
 * @param dimension 2 or 3, of every image
 * @param channelNames one for each channel of an image
 * @param labels what the masks hold
 * @param cases images with masks, sorted by id, at least one
 * @param unlabelled images without masks that the layout sets apart ({@code imagesTs}), sorted by id
 * @param notes sentences about what was left out or is doubtful, for the user to read; empty where all is well
 */
public record DataSet(
        Path root,
        String name,
        int dimension,
        List<String> channelNames,
        LabelSet labels,
        List<Case> cases,
        List<ImageCase> unlabelled,
        List<String> notes) {
    /** Copies the lists. */
    public DataSet {
        channelNames = List.copyOf(channelNames);
        cases = List.copyOf(cases);
        unlabelled = List.copyOf(unlabelled);
        notes = List.copyOf(notes);
    }

    /** The number of channels of an image. */
    public int channels() {
        return channelNames.size();
    }

    /** The cases with these ids in the order of the ids; ids that are not here are left out. */
    public List<Case> cases(List<String> ids) {
        return ids.stream()
                .flatMap(id -> cases.stream().filter(c -> c.id().equals(id)))
                .toList();
    }
}
