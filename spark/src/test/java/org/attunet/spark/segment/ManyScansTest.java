package org.attunet.spark.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.attunet.spark.TestModels;
import org.attunet.spark.TestScans;
import org.attunet.spark.TestSpark;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A job of 1,000 pictures; of 20,000 with -Dattunet.large=true. */
class ManyScansTest {
    private static final int SCANS = Boolean.getBoolean("attunet.large") ? 20_000 : 1_000;
    private static final int FIRST = 200;
    private static final long MIB = 1 << 20;

    @TempDir
    Path folder;

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "open files and resident memory are read from /proc")
    void memory_stays_flat_and_no_file_stays_open() throws Exception {
        Path model = TestModels.pictures(folder.resolve("model.zip"), 1);
        SparkSession spark = TestSpark.local();
        var job = new SegmentJob(spark, List.of(model.toString()), SegmentSettings.defaults());
        Path one = TestScans.picture(folder.resolve("one.png"), 1, 16, 16);
        Path few = links(one, folder.resolve("few"), FIRST);
        Path many = links(one, folder.resolve("many"), SCANS);
        job.run(few.toString(), folder.resolve("first").toString(), (done, total) -> {});
        Held before = Held.now();

        SegmentSummary summary = job.run(many.toString(), folder.resolve("out").toString(), (done, total) -> {});
        Held after = Held.now();

        assertThat(summary.done()).isEqualTo(SCANS);
        assertThat(folder.resolve("out/masks").toFile().list()).hasSize(SCANS);
        assertThat(after.files - before.files).as("open files").isLessThanOrEqualTo(8);
        assertThat(after.heap - before.heap).as("heap in use").isLessThan(24 * MIB);
        // What the heap has grown by is its own business; a 16 KiB leak of natives per scan would be 312 MiB of 20,000.
        assertThat(after.natives - before.natives)
                .as("resident beyond the heap")
                .isLessThan(96 * MIB);
    }

    private static Path links(Path file, Path into, int count) throws IOException {
        Files.createDirectory(into);
        for (int k = 0; k < count; k++) {
            Files.createLink(into.resolve("s" + k + ".png"), file);
        }
        return into;
    }

    /** What this process holds: open files, bytes of the heap in use, resident bytes beyond the heap. */
    private record Held(long files, long heap, long natives) {
        /** After the collector has given pages back to the system, which it does little by little. */
        static Held now() throws Exception {
            System.gc();
            Held held = look();
            Thread.sleep(500);
            for (Held next = look(); next.natives < held.natives - MIB; next = look()) {
                held = next;
                Thread.sleep(500);
            }
            return held;
        }

        private static Held look() throws IOException {
            MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
            String[] open = new java.io.File("/proc/self/fd").list();
            return new Held(open == null ? 0 : open.length, heap.getUsed(), resident() - heap.getCommitted());
        }

        private static long resident() throws IOException {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"), StandardCharsets.US_ASCII)) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) << 10;
                }
            }
            throw new IOException("no VmRSS");
        }
    }
}
