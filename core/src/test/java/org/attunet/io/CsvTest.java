package org.attunet.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvTest {
    @Test
    void fields_are_quoted_and_formulas_made_harmless() {
        assertThat(Csv.line(List.of("a", "", "b, c", "say \"no\"", "x\ny")))
                .isEqualTo("a,,\"b, c\",\"say \"\"no\"\"\",\"x\ny\"\n");
        assertThat(Csv.line(List.of("=HYPERLINK(1)", "-5.25", "+1e-3", "@x", "-case", "5")))
                .isEqualTo("'=HYPERLINK(1),-5.25,+1e-3,'@x,'-case,5\n");
    }

    @Test
    void channels_of_a_picture_are_pages_of_a_tiff(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("p.tif");
        Images.writePages(
                new Image(Grid.ofPixels(3, 2), new float[][] {{0, 0.25f, 1, 0, 0, 0}, {1, 0.75f, 0, 1, 1, 1}}), file);
        Image read = Images.read(file);
        assertThat(read.grid().size()).containsExactly(3, 2, 2);
        assertThat(read.channel(0)).containsExactly(0, 0.25f, 1, 0, 0, 0, 1, 0.75f, 0, 1, 1, 1);
        assertThat(Files.size(file)).isGreaterThan(12 * Float.BYTES);
    }
}
