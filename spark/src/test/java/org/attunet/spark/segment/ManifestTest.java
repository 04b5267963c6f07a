package org.attunet.spark.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.io.Images;
import org.attunet.spark.TestSpark;
import org.attunet.spark.storage.Storage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What words on a command line stand for: folders, patterns, manifests. */
class ManifestTest {
    @TempDir
    Path folder;

    private final SparkSession spark = TestSpark.local();

    private List<ScanFiles> find(int channels, Object input) {
        var storage = new Storage(spark.sparkContext().hadoopConfiguration());
        return new Scans(spark, storage, channels).find(input.toString());
    }

    private Map<String, ScanFiles> byName(int channels, Object input) {
        return find(channels, input).stream().collect(Collectors.toMap(ScanFiles::name, Function.identity()));
    }

    private String uri(String name) {
        return "file:" + folder.resolve(name);
    }

    private Path file(String name, int bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, new byte[bytes]);
    }

    @Test
    void a_csv_of_excels_with_quotes_blanks_and_umlauts_is_read() throws IOException {
        file("ä b/x, 1.png", 7);
        Path manifest = folder.resolve("list 100%.csv");
        Files.writeString(manifest, """
            \uFEFFid, path ,case\r
            1,"ä b/x, 1.png", p1/a \r
            \r
            2,"say ""b"".png",b\r
            3,/abs/c#1.png,c\r
            """);
        List<ScanFiles> scans = find(1, manifest);
        assertThat(scans).extracting(ScanFiles::name).containsExactly("p1/a", "b", "c");
        assertThat(scans)
                .extracting(scan -> scan.files().get(0))
                .containsExactly(uri("ä b/x, 1.png"), uri("say \"b\".png"), "file:/abs/c#1.png");
        assertThat(scans).extracting(ScanFiles::bytes).containsExactly(7L, 0L, 0L);
        assertThat(scans).allMatch(scan -> scan.problem() == null);
    }

    @Test
    void rows_that_name_no_scan_are_refused_one_by_one() throws IOException {
        Path manifest = folder.resolve("m.csv");
        Files.writeString(manifest, """
            path,case
            a.png,a
            b.png,../out
            c.png,/etc/c
            ,d
            e.png,
            f.png,x/./f
            g1.png,g
            g2.png,g
            bad://h/y.png,y
            h.png,h
            h.png,h
            z.png,x:z
            k.png,.hidden
            """);
        Map<String, ScanFiles> scans = byName(1, manifest);
        assertThat(scans.get("a").problem()).isNull();
        assertThat(scans).hasSize(11);
        scans.forEach((name, scan) -> {
            if (!name.equals("a")) {
                assertThat(scan.problem()).as(name).contains("expected").contains("Remedy:");
            }
        });
        assertThat(scans.get("../out").problem())
                .isEqualTo("row 2 of " + uri("m.csv") + ": case '../out': its name is empty or leads elsewhere;"
                        + " expected a name such as patient1/series2. Remedy: correct the row.");
        assertThat(scans.get("g").problem()).contains("2 rows and 2 different files");
        assertThat(scans.get("y").problem()).contains("bad://h/y.png").doesNotContain("\n");
    }

    @Test
    void rows_of_a_case_are_its_channels_whatever_its_name_and_those_of_none_are_put_together() throws IOException {
        Path manifest = folder.resolve("m.csv");
        Files.writeString(manifest, """
            path,case
            s_0000.nii,p1
            s_0001.nii,p1
            t1.nii,p2
            t2.nii,p2
            u_0001.nii,p3
            v_0001.nii,p4
            v_0002.nii,p4
            """);
        Map<String, ScanFiles> scans = byName(2, manifest);
        assertThat(scans.get("p1").files()).containsExactly(uri("s_0000.nii"), uri("s_0001.nii"));
        assertThat(scans.get("p1").problem()).isNull();
        assertThat(scans.get("p2").files()).containsExactly(uri("t1.nii"), uri("t2.nii"));
        assertThat(scans.get("p2").problem()).isNull();
        assertThat(scans.get("p3").problem()).isNull(); // a file that holds both channels, as far as its name tells
        assertThat(scans.get("p4").problem()).contains("the case has the channels _0001 _0002; expected _0000 _0001");

        Files.writeString(manifest, "path\na/s_0001.nii\nb/s_0000.nii\na/s_0000.nii\nb/s_0001.nii\n");
        List<ScanFiles> unnamed = find(2, manifest);
        assertThat(unnamed).hasSize(2);
        assertThat(unnamed.get(0).files()).containsExactly(uri("a/s_0000.nii"), uri("a/s_0001.nii"));
        assertThat(unnamed.get(1).files()).containsExactly(uri("b/s_0000.nii"), uri("b/s_0001.nii"));
        assertThat(unnamed.get(1).problem()).contains("the case s has the name of another");
    }

    @Test
    void thousands_of_rows_are_looked_up_by_tasks_and_keep_their_order() throws IOException {
        file("few.png", 11);
        String rows = IntStream.range(0, 30_000)
                .mapToObj(k -> (k == 7 ? "few" : "n" + k) + ".png,c" + k)
                .collect(Collectors.joining("\n"));
        Path manifest = Files.writeString(folder.resolve("many.csv"), "path,case\n" + rows);
        List<ScanFiles> scans = find(1, manifest);
        assertThat(scans).hasSize(30_000);
        assertThat(scans.get(29_999).name()).isEqualTo("c29999");
        assertThat(scans.get(7).bytes()).isEqualTo(11);
    }

    @Test
    void a_parquet_table_is_a_manifest_and_a_damaged_one_is_named() throws IOException {
        var schema = new StructType().add("path", DataTypes.StringType).add("age", DataTypes.IntegerType);
        List<Row> rows = List.of(RowFactory.create("sub/a.png", 3), RowFactory.create(null, 4));
        String table = folder.resolve("t [1].parquet").toString();
        spark.createDataFrame(rows, schema).coalesce(1).write().parquet(table);
        Map<String, ScanFiles> scans = byName(1, table);
        assertThat(scans.get("a").files()).containsExactly(uri("sub/a.png"));
        assertThat(scans.get("row 2").problem()).contains("it names no file");

        Path damaged = Files.writeString(folder.resolve("damaged.parquet"), "PAR1 but no table PAR1");
        refused(damaged, "damaged.parquet: it can't be read as a table (");
        refused(Files.createFile(folder.resolve("empty.parquet")), "empty.parquet: it can't be read as a table (");
    }

    private void refused(Object input, String part) {
        assertThatThrownBy(() -> find(1, input))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining(part)
                .hasMessageContaining("; expected ")
                .hasMessageContaining("Remedy: ")
                .message()
                .doesNotContain("\n")
                .hasSizeLessThan(600);
    }

    @ParameterizedTest
    @CsvSource({
        "'', empty.csv",
        "'path,case', no image is there",
        "'file,name', 'it has the columns [file, name]; expected a column path'"
    })
    void a_csv_without_scans_is_refused(String content, String part) throws IOException {
        refused(Files.writeString(folder.resolve("empty.csv"), content), part);
    }

    @Test
    void inputs_that_stand_for_nothing_are_refused() throws IOException {
        refused(folder.resolve("missing"), "missing: no such file or folder");
        refused(folder.resolve("missing.csv"), "missing.csv: there is no such file");
        refused(folder.resolve("missing.parquet"), "missing.parquet: there is no such file");
        refused(Files.createDirectory(folder.resolve("empty")), "empty: no image is there");
        refused(folder + "/*/x*.png", "*/x*.png: no image is there");
        refused("bad://host/x", "bad://host/x: it can't be read (");
        refused("", "path: it is no path");
    }

    @Test
    void a_pattern_keeps_folders_and_what_is_there_by_that_very_name_is_none() throws IOException {
        file("scans/p1/a.png", 1);
        file("scans/p2/a.png", 2);
        file("scans/p2/.hidden.png", 2);
        file("scans/p2/note.txt", 2);
        assertThat(find(1, folder + "/scans/*/*"))
                .extracting(ScanFiles::name, ScanFiles::bytes)
                .containsExactly(tuple("p1/a", 1L), tuple("p2/a", 2L));
        assertThat(find(1, "file:" + folder + "/scans/{p1,p3}/*.png"))
                .extracting(ScanFiles::name)
                .containsExactly("p1/a");
        file("s[1]/b.png", 1);
        assertThat(find(1, folder + "/s[1]/")).extracting(ScanFiles::name).containsExactly("b");
        assertThat(find(1, folder + "/s[1]/b.png")).extracting(ScanFiles::name).containsExactly("b");
        Files.createSymbolicLink(folder.resolve("link"), folder.resolve("scans/p1"));
        assertThat(find(1, folder + "/link")).extracting(ScanFiles::name).containsExactly("a");
    }

    @Test
    void files_are_grouped_into_cases_as_for_predict() throws IOException {
        for (String name : List.of("a_0000.nii", "a_0001.NII", "half_0000.nii", "scan_0001.nii", "scan_0002.nii")) {
            file("grouped/" + name, 1);
        }
        assertThat(find(2, folder.resolve("grouped")))
                .extracting(ScanFiles::name, scan -> scan.files().size())
                .containsExactly(tuple("a", 2), tuple("half", 1), tuple("scan_0001", 1), tuple("scan_0002", 1));
        Image both = new Image(Grid.of(4, 3, 2), new float[2][24]);
        for (String name : List.of("s_0000.nii", "s_0001.nii")) {
            Images.write(both, file("whole/" + name, 0));
        }
        assertThat(find(2, folder.resolve("whole"))).extracting(ScanFiles::name).containsExactly("s_0000", "s_0001");
    }

    @Test
    void of_two_files_of_one_name_the_second_is_refused() throws IOException {
        file("two/a.jpg", 1);
        file("two/a.png", 2);
        List<ScanFiles> scans = find(1, folder.resolve("two"));
        assertThat(scans.get(0).problem()).isNull();
        assertThat(scans.get(1).problem())
                .isEqualTo(uri("two/a.png") + ": the case a has the name of another; expected a name of its own."
                        + " Remedy: rename the file, or give a manifest with a column case.");
    }
}
