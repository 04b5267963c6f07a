package org.attunet.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RealDataTest {
    private static Path folder(String name) {
        String data = System.getenv("ATTUNET_DATA");
        assumeTrue(data != null, "skipped: ATTUNET_DATA does not name a folder with the real data sets");
        Path folder = Path.of(data, name);
        assumeTrue(Files.isDirectory(folder), "skipped: there is no " + folder);
        return folder;
    }

    @Test
    void the_hippocampus_set_has_208_cases_of_two_labels() {
        DataSet data = DataSets.open(folder("Task04_Hippocampus"));
        assertThat(data.cases()).hasSize(208);
        assertThat(data.dimension()).isEqualTo(3);
        assertThat(data.name()).isEqualTo("Hippocampus");
        assertThat(data.channelNames()).containsExactly("MRI");
        assertThat(data.labels().asMap()).isEqualTo(Map.of(1, "Anterior", 2, "Posterior"));
        DataSets.verify(data, ProgressListener.NONE);
        assertThat(Fingerprint.of(data).oneSided()).isGreaterThan(0.95);
        Split split = Split.of(data, 1);
        assertThat(split.test()).hasSize(42);
        assertThat(split.hashes()).hasSize(208);
    }

    @Test
    void the_nuclei_set_has_240_colour_images_of_one_label() {
        DataSet data = DataSets.open(folder("dsb2018"));
        assertThat(data.cases()).hasSize(240);
        assertThat(data.dimension()).isEqualTo(2);
        assertThat(data.channelNames()).containsExactly("red", "green", "blue");
        assertThat(data.labels().asMap()).isEqualTo(Map.of(255, "foreground"));
        assertThat(data.notes()).isEmpty();
    }
}
