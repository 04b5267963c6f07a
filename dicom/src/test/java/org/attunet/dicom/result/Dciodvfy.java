package org.attunet.dicom.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** David Clunie's validator of DICOM objects, if it's installed (Debian's dicom3tools). */
final class Dciodvfy {
    private static final Path PROGRAM = Path.of("/usr/bin/dciodvfy");

    private Dciodvfy() {}

    static void requireNoErrors(Path... files) throws IOException {
        assumeTrue(
                Files.isExecutable(PROGRAM), "dciodvfy (Debian's dicom3tools) isn't installed: no outside validation");
        for (Path file : files) {
            Process process = new ProcessBuilder(PROGRAM.toString(), file.toString())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(said).as(file.toString()).isNotBlank().doesNotContain("Error");
        }
    }
}
