package org.attunet.spark.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.attunet.error.AttunetException;
import org.attunet.io.ImageCase;
import org.attunet.predict.FolderPrediction;
import org.attunet.predict.PredictionListener;
import org.attunet.predict.Segmenter;
import org.attunet.spark.TestModels;
import org.attunet.spark.TestScans;
import org.attunet.spark.TestSpark;
import org.attunet.spark.storage.FarFileSystem;
import org.attunet.spark.storage.Storage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scans, model and output on another file system than the local one. */
class FarStorageTest {
    @TempDir
    static Path shared;

    static Path scans;
    static Path model;

    @TempDir
    Path folder;

    @BeforeAll
    static void write() throws IOException {
        TestSpark.local().sparkContext().hadoopConfiguration().set("fs.far.impl", FarFileSystem.class.getName());
        model = TestModels.volumes(shared.resolve("model.zip"), 2, 3);
        scans = Files.createDirectory(shared.resolve("far ä%20#"));
        for (int k = 0; k < 3; k++) {
            TestScans.volume(scans.resolve("c" + k + "_0000.nii.gz"), k, 20, 16, 8);
            TestScans.volume(scans.resolve("c" + k + "_0001.nii.gz"), k + 50, 20, 16, 8);
        }
        Files.writeString(scans.resolve("d_0000.nii.gz"), "no volume");
        Files.writeString(scans.resolve("d_0001.nii.gz"), "no volume");
    }

    @AfterAll
    static void end() {
        TestSpark.stop(); // others shall not know that file system
    }

    private static List<String> temporary() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("attunet-"))
                    .sorted()
                    .toList();
        }
    }

    private static String far(Path path) {
        return "far://host" + path;
    }

    @Test
    void masks_are_those_of_the_local_file_system_and_copies_go() throws IOException {
        Path expected = folder.resolve("expected");
        try (Segmenter segmenter = Segmenter.open(model)) {
            FolderPrediction.run(
                    segmenter,
                    ImageCase.in(scans, segmenter.model().preprocessing().channels()),
                    expected,
                    PredictionListener.NONE);
        }
        List<String> before = temporary();
        Path output = folder.resolve("output");
        var job = new SegmentJob(TestSpark.local(), List.of(far(model)), SegmentSettings.defaults());
        SegmentSummary first = job.run(far(scans), far(output), (done, total) -> {});

        assertThat(first.done()).as(first.toString()).isEqualTo(3);
        assertThat(TestScans.contents(output.resolve("masks"))).isEqualTo(TestScans.contents(expected));
        assertThat(first.errors()).singleElement().asString().startsWith(far(scans) + "/d_0000.nii.gz: ");
        assertThat(temporary()).isEqualTo(before);
        assertThat(TestScans.files(output)).noneMatch(file -> file.toString().endsWith(".part"));
        for (Row row : TestSpark.local().read().parquet(first.table()).collectAsList()) {
            if (!row.isNullAt(row.fieldIndex("mask"))) {
                assertThat(row.<String>getAs("mask")).startsWith(far(output) + "/masks/c");
            }
        }

        Files.delete(output.resolve("masks/c1.nii.gz"));
        SegmentSummary second = job.run(far(scans) + "/c*", far(output), (done, total) -> {});
        assertThat(second.done()).isEqualTo(1);
        assertThat(second.skipped()).isEqualTo(2);
    }

    @Test
    void what_is_not_there_is_named_by_its_address() {
        var spark = TestSpark.local();
        assertThatThrownBy(() -> new SegmentJob(spark, List.of("far://host/no.zip"), SegmentSettings.defaults()))
                .isInstanceOf(AttunetException.class)
                .hasMessageStartingWith("far://host/no.zip: ");
        assertThatThrownBy(() -> new SegmentJob(spark, List.of(far(scans)), SegmentSettings.defaults()))
                .isInstanceOf(AttunetException.class)
                .hasMessageStartingWith(far(scans) + ": it is a folder");
        var job = new SegmentJob(spark, List.of(far(model)), SegmentSettings.defaults());
        assertThatThrownBy(() -> job.run("far://host/nothing", folder.toString(), (done, total) -> {}))
                .isInstanceOf(AttunetException.class)
                .hasMessageStartingWith("far://host/nothing: ");
        assertThatThrownBy(() -> job.run("unknown://host/x", folder.toString(), (done, total) -> {}))
                .isInstanceOf(AttunetException.class)
                .hasMessageStartingWith("unknown://host/x: ");
    }

    @Test
    void writers_of_one_address_do_not_hinder_each_other() throws Exception {
        var storage = new Storage(TestSpark.local().sparkContext().hadoopConfiguration());
        Path file = folder.resolve("a.txt");
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        List<Thread> writers = new ArrayList<>();
        for (int t = 0; t < 2; t++) {
            byte[] content = {(byte) ('a' + t), (byte) ('a' + t)};
            var writer = new Thread(() -> {
                for (int k = 0; k < 200; k++) {
                    storage.write(far(file), content);
                }
            });
            writer.setUncaughtExceptionHandler((thread, e) -> failures.add(e));
            writers.add(writer);
            writer.start();
        }
        for (Thread writer : writers) {
            writer.join();
        }
        assertThat(failures).isEmpty();
        assertThat(Files.readString(file)).isIn("aa", "bb");
        assertThat(folder.toFile().list()).containsExactly("a.txt");
    }
}
