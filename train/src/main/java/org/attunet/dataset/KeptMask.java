package org.attunet.dataset;

import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.attunet.image.LabelSet;
import org.attunet.io.Images;
import org.attunet.io.StoredMask;
import org.jspecify.annotations.Nullable;

/** {@link MaskValues} as they are remembered between commands, without the name of the file. */
record KeptMask(
        int[] values, long[] voxels, long[] flat, long size, long ignored, boolean corners, StoredMask.Source source) {
    /** Of more values, it is quicker to read the mask again. */
    private static final int MOST_VALUES = 4096;

    /**
     * The same as {@link MaskValues#read(Path, Path, LabelSet, int, Consumer)}, without reading the file if it is unchanged
     * since an earlier command. DICOM is always read, and so is a mask that has notes.
     */
    static MaskValues read(
            Path file, Path image, @Nullable LabelSet labels, int ignored, Consumer<String> notes, FileFacts facts) {
        if (Images.isSeries(file)) {
            return MaskValues.read(file, image, labels, ignored, notes);
        }
        var noted = new boolean[1];
        Supplier<KeptMask> found = () -> of(MaskValues.read(file, image, labels, ignored, note -> {
            noted[0] = true;
            notes.accept(note);
        }));
        KeptMask kept = facts.of(
                "mask without " + ignored,
                file,
                KeptMask.class,
                found,
                mask -> !noted[0] && mask.values.length <= MOST_VALUES);
        return new MaskValues(
                file, kept.values, kept.voxels, kept.flat, kept.size, kept.ignored, kept.corners, kept.source);
    }

    private static KeptMask of(MaskValues read) {
        return new KeptMask(
                read.values(), read.voxels(), read.flat(), read.size(), read.ignored(), read.corners(), read.source());
    }
}
