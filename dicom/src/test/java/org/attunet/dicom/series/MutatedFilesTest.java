package org.attunet.dicom.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Public files of all kinds with bytes changed or cut off: volumes, or a refusal in a sentence; never another failure. */
class MutatedFilesTest {
    /** So many take a few seconds; more by {@code -Dattunet.mutations=10000}. */
    private static final int MUTATIONS = Integer.getInteger("attunet.mutations", 200);

    private static final int LARGEST = 64 << 10;

    @TempDir
    private Path folder;

    @Test
    void damaged_public_files_are_read_or_refused() throws IOException {
        String root = System.getenv("ATTUNET_DICOM");
        assumeTrue(root != null, "ATTUNET_DICOM is not set: the test on damaged public DICOM files is skipped");
        List<byte[]> files = new ArrayList<>();
        try (Stream<Path> all = Files.walk(Path.of(root))) {
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                if (Files.size(file) < LARGEST && Contents.areIn(file)) {
                    files.add(Files.readAllBytes(file));
                }
            }
        }
        SplittableRandom random = new SplittableRandom(12);
        int refused = 0;
        for (int k = 0; k < MUTATIONS; k++) {
            Path file = folder.resolve("a.dcm");
            Files.write(file, mutated(files.get(k % files.size()), random));
            try {
                Contents contents = Contents.of(List.of(file), share -> {});
                refused += contents.damaged().size();
                for (Series series : contents.series()) {
                    assertThat(series.notes()).doesNotContain("");
                    assertThat(series.image(share -> {}).channels()).isNotEmpty();
                }
            } catch (AttunetException e) {
                assertThat(e.getMessage()).contains("expected");
                refused++;
            }
        }
        assertThat(refused).isBetween(MUTATIONS / 20, MUTATIONS);
    }

    /** Changes bytes of the header or anywhere, or cuts off the rest. */
    private static byte[] mutated(byte[] file, SplittableRandom random) {
        byte[] copy = file.clone();
        int reach = random.nextBoolean() ? Math.min(copy.length, 3000) : copy.length;
        for (int change = random.nextInt(4); change >= 0; change--) {
            int at = 128 + random.nextInt(reach - 128);
            switch (random.nextInt(8)) {
                case 0 -> copy = Arrays.copyOf(copy, at);
                case 1, 2 -> copy[at % copy.length] = (byte) 0xFF;
                case 3, 4 -> copy[at % copy.length] ^= (byte) (1 << random.nextInt(8));
                default -> copy[at % copy.length] = (byte) random.nextInt(256);
            }
        }
        return copy;
    }
}
