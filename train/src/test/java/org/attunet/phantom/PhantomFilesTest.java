package org.attunet.phantom;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.io.Images;
import org.attunet.phantom.AbdomenPhantom.Phantom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PhantomFilesTest {
    @TempDir
    Path folder;

    @Test
    void slices_come_back_from_disk_as_they_were_made() {
        PhantomFiles.write(folder, 3, 2, 64);
        Phantom expected = AbdomenPhantom.of(300_002, 64);
        Image image = Images.read(folder.resolve("images/phantom_002.nii.gz"));
        LabelMap mask = Images.readLabels(folder.resolve("masks/phantom_002.nii.gz"));
        assertArrayEquals(expected.image().channel(0), image.channel(0));
        assertArrayEquals(expected.pancreas().voxels(), mask.voxels());
        assertTrue(
                expected.image().grid().sameAs(image.grid(), 1e-4), image.grid().toString());
        assertTrue(Files.exists(folder.resolve("dataset.json")));
    }

    @Test
    void a_folder_that_cannot_be_made_is_named() throws IOException {
        Path file = Files.writeString(folder.resolve("taken"), "a file");
        AttunetException e = assertThrows(AttunetException.class, () -> PhantomFiles.write(file, 1, 1, 64));
        assertEquals(file.resolve("images").toString(), e.subject());
    }

    @Test
    void a_count_of_zero_is_refused() {
        assertThrows(ConfigException.class, () -> PhantomFiles.write(folder, 1, 0, 64));
    }
}
