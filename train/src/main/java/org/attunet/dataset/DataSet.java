package org.attunet.dataset;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.ImageCase;
import org.attunet.io.PixelSize;
import org.jspecify.annotations.Nullable;

/**
 * The cases of a folder with their common properties.
 *
 * @param folders where it lies
 * @param name as declared in {@code dataset.json}, else the folder's name
 * @param dimension 2 or 3, of every image
 * @param channelNames one for each channel of an image
 * @param labels what the masks hold
 * @param cases images with masks, sorted by id, at least one
 * @param unlabelled the images in {@code imagesTs}, which has no masks, sorted by name
 * @param notes warnings for the user about what was left out or is doubtful; empty if there are none
 * @param codes the labels' codes for DICOM by their names, as {@code dataset.json} declares them; empty if it doesn't
 */
public record DataSet(
        DataFolders folders,
        String name,
        int dimension,
        List<String> channelNames,
        LabelSet labels,
        List<Case> cases,
        List<ImageCase> unlabelled,
        List<String> notes,
        ObjectNode codes) {
    /** Copies the lists. */
    public DataSet {
        channelNames = List.copyOf(channelNames);
        cases = List.copyOf(cases);
        unlabelled = List.copyOf(unlabelled);
        notes = List.copyOf(notes);
    }

    /** The set's folder. */
    public Path root() {
        return folders.root();
    }

    /** Whether objects are told apart. */
    public boolean hasObjects() {
        return cases.get(0).mask().hasObjects();
    }

    /** How many objects all cases have, which are read for it. */
    public long objects() {
        return cases.parallelStream()
                .mapToLong(one -> one.mask()
                        .readObjects(one.firstFile(), one.image().readGrid())
                        .objects()
                        .inReadingOrder()
                        .largest())
                .sum();
    }

    /** The number of channels of an image. */
    public int channels() {
        return channelNames.size();
    }

    /** The pixel size with which the data set was opened, for images whose files have none; null if none was given. */
    public @Nullable PixelSize pixelSize() {
        return cases.get(0).image().pixelSize();
    }

    /** The value of the masks' voxels without a judgement; {@link LabelMap#NONE} if all are judged. */
    public int ignored() {
        return cases.get(0).mask().ignored();
    }

    /** The cases with some ids, in the order of the ids; unknown ids are skipped. */
    public List<Case> cases(List<String> ids) {
        return ids.stream()
                .flatMap(id -> cases.stream().filter(c -> c.id().equals(id)))
                .toList();
    }
}
