package org.attunet.io;

import java.util.List;
import java.util.Map;
import org.attunet.image.LabelMap;

/**
 * A mask as a file holds it.
 *
 * @param labels one for each voxel
 * @param source what they were in the file
 * @param notes how they aren't read as they are stored, in sentences; usually none
 */
public record StoredMask(LabelMap labels, Source source, List<String> notes) {
    /**
     * A mask that is read as it is stored.
     *
     * @param labels one for each voxel
     * @param source what they were in the file
     */
    public StoredMask(LabelMap labels, Source source) {
        this(labels, source, List.of());
    }

    /**
     * What a file says of its labels: where a picture keeps them, and names.
     *
     * @param alpha whether they are the alpha channel, because the colour is the same everywhere
     * @param palette the colour of each label that occurs, such as {@code (255, 0, 0)}, 0 included; empty unless the labels
     *     number the colours of a palette
     * @param names what the file calls the labels, such as the segments of DICOM; empty if it doesn't
     */
    public record Source(boolean alpha, Map<Integer, String> palette, Map<Integer, String> names) {
        /** Grey values, numbers of a volume, or anything else that shows the labels themselves. */
        public static final Source VALUES = new Source(false, Map.of(), Map.of());

        /**
         * Copies the components.
         *
         * @param alpha whether they are the alpha channel, because the colour is the same everywhere
         * @param palette the colour of each label that occurs, such as {@code (255, 0, 0)}, 0 included; empty unless the
         *     labels number the colours of a palette
         * @param names what the file calls the labels, such as the segments of DICOM; empty if it doesn't
         */
        public Source {
            names = Map.copyOf(names);
            palette = Map.copyOf(palette);
        }
    }
}
