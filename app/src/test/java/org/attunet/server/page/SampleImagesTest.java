package org.attunet.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.predict.Segmenter;
import org.attunet.server.LiveServer;
import org.junit.jupiter.api.Test;

/** The shipped models find in the sample images what was drawn. */
class SampleImagesTest {
    @Test
    void both_parts_are_found_in_the_drawn_hippocampus() {
        LabelMap mask = segment("hippocampus.zip", HippocampusPhantom.image());
        assertThat(count(mask, 1)).isBetween(1000L, 2200L);
        assertThat(count(mask, 2)).isBetween(1200L, 2600L);
    }

    @Test
    void the_drawn_nuclei_are_found_and_little_else() {
        Image image = NucleiPhantom.image();
        LabelMap mask = segment("nuclei.zip", image);
        long bright = 0;
        long both = 0;
        for (int i = 0; i < mask.voxels().length; i++) {
            boolean drawn = image.channel(2)[i] > 45;
            bright += drawn ? 1 : 0;
            both += drawn && mask.voxels()[i] != 0 ? 1 : 0;
        }
        assertThat(2.0 * both / (bright + count(mask, 255))).isGreaterThan(0.93); // Dice
    }

    @Test
    void a_sample_is_the_same_each_time() {
        for (SampleImages.Sample sample : new SampleImages().all()) {
            assertThat(new SampleImages().content(sample)).isEqualTo(new SampleImages().content(sample));
        }
    }

    private static LabelMap segment(String model, Image image) {
        try (Segmenter segmenter = Segmenter.open(LiveServer.MODELS.resolve(model))) {
            return segmenter.segment(image).labels();
        }
    }

    private static long count(LabelMap mask, int value) {
        long count = 0;
        for (short voxel : mask.voxels()) {
            count += (voxel & 0xffff) == value ? 1 : 0;
        }
        return count;
    }
}
