package org.attunet.phantom;

import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.IntStream;
import org.attunet.error.ConfigException;
import org.attunet.io.Images;
import org.attunet.io.WholeFile;
import org.attunet.phantom.AbdomenPhantom.Phantom;

/** Writes phantoms as a data set on disk, in the layout that training reads. */
public final class PhantomFiles {
    private static final int MOST = 99_999;

    private PhantomFiles() {}

    /**
     * Writes {@code images/phantom_001.nii.gz} and so on, masks of the pancreas under the same names in {@code masks/},
     * and {@code dataset.json}. Slices are two-dimensional NIfTI in Hounsfield units. Replaces existing files; draws the
     * slices in parallel.
     *
     * @param seed selects the patients; the k-th slice of a seed is always the same
     * @param count slices, 1 to 99999
     * @param size pixels along each side, as {@link AbdomenPhantom#of} takes it
     */
    public static void write(Path folder, long seed, int count, int size) {
        if (count < 1 || count > MOST) {
            throw new ConfigException("count", count, "a whole number from 1 to " + MOST);
        }
        Path images = WholeFile.makeFolder(folder.resolve("images"));
        Path masks = WholeFile.makeFolder(folder.resolve("masks"));
        IntStream.rangeClosed(1, count).parallel().forEach(k -> {
            Phantom phantom = AbdomenPhantom.of(seed * (MOST + 1) + k, size);
            String name = String.format(Locale.ROOT, "phantom_%03d.nii.gz", k);
            Images.write(phantom.image(), images.resolve(name));
            Images.write(phantom.pancreas(), masks.resolve(name));
        });
        WholeFile.writeString(folder.resolve("dataset.json"), """
            {
              "name": "Synthetic abdominal CT",
              "description": "Seeded phantoms, not patients: seed %d, %d slices of %d x %d pixels",
              "channel_names": {"0": "CT"},
              "labels": {"background": 0, "pancreas": 1},
              "numTraining": %d,
              "file_ending": ".nii.gz"
            }
            """.formatted(seed, count, size, size, count));
    }
}
