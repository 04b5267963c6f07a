package org.attunet.phantom;

import java.nio.file.Path;
import java.util.Locale;
import org.attunet.io.Images;
import org.attunet.io.WholeFile;

/** Phantoms as a data set on disk: {@code images/}, {@code masks/} and a {@code dataset.json} that names the pancreas. */
public final class PhantomFolder {
    private PhantomFolder() {}

    /**
     * Writes phantoms as 2D NIfTI files in Hounsfield units.
     *
     * @param seed the first phantom's; the others have the seeds after it
     * @param count how many, 1 or more
     * @param size pixels along each side
     */
    public static void write(Path folder, long seed, int count, int size) {
        WholeFile.writeString(folder.resolve("dataset.json"), """
                {
                  "name": "abdomen phantoms",
                  "channel_names": {"0": "CT"},
                  "labels": {"background": 0, "pancreas": 1}
                }
                """);
        for (int k = 0; k < count; k++) {
            AbdomenPhantom.Phantom phantom = AbdomenPhantom.of(seed + k, size);
            String name = String.format(Locale.ROOT, "phantom_%04d.nii.gz", seed + k);
            Images.write(phantom.image(), folder.resolve("images").resolve(name));
            Images.write(phantom.pancreas(), folder.resolve("masks").resolve(name));
        }
    }
}
