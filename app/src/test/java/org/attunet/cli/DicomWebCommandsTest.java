package org.attunet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.attunet.io.Images;
import org.attunet.server.DicomScans;
import org.attunet.server.Pacs;
import org.attunet.server.work.WorkFolder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands on series that are on a DICOMweb server. */
class DicomWebCommandsTest {
    @TempDir
    private Path folder;

    private Pacs pacs;
    private Path login;

    @BeforeEach
    void start() throws IOException {
        Path slices = Files.createDirectory(folder.resolve("slices"));
        pacs = new Pacs(DicomScans.volume(slices, 3));
        login = Files.writeString(folder.resolve("login"), Pacs.LOGIN + "\n");
    }

    @AfterEach
    void stop() {
        pacs.close();
    }

    @Test
    void info_lists_the_series_of_a_study_without_its_patient() {
        String study = pacs.address() + "/studies/" + DicomScans.STUDY;
        Program listed = Program.run("info", study, "--auth-file", login);
        assertThat(listed.code()).as(listed.err()).isZero();
        assertThat(listed.out())
                .contains("CT, 26 files", pacs.series(DicomScans.SERIES))
                .doesNotContain("Secret");
        assertThat(Program.run("--json", "info", study, "--auth-file", login)
                        .json()
                        .at("/series/0/files")
                        .asInt())
                .isEqualTo(26);
        Program whole = Program.run("info", pacs.address(), "--auth-file", login);
        assertThat(whole.err()).contains("names no study");
    }

    @Test
    void convert_fetches_a_series() {
        Path volume = folder.resolve("ct.nii.gz");
        Program done = Program.run("convert", pacs.series(DicomScans.SERIES), "--auth-file", login, "-o", volume);
        assertThat(done.code()).as(done.err()).isZero();
        assertThat(Images.read(volume).grid().size()).containsExactly(30, 40, 26);
    }

    private Program predictToSame(Object... more) {
        List<Object> args = new ArrayList<>(List.of("predict", Path.of("..", "models", "hippocampus.zip")));
        args.addAll(List.of(pacs.series(DicomScans.SERIES), "--auth-file", login, "-o", "same"));
        args.addAll(List.of(more));
        return Program.run(args.toArray());
    }

    @Test
    void predict_stores_its_segmentation_where_the_series_is_from() {
        Program done = predictToSame("--json");
        assertThat(done.code()).as(done.err()).isZero();
        String mask = done.json().at("/predictions/0/mask").asText();
        assertThat(mask).startsWith(pacs.address() + "/studies/" + DicomScans.STUDY + "/series/");
        assertThat(pacs.files("SEG")).hasSize(1);
        assertThat(done.out() + done.err()).doesNotContain("Secret", "s3cret");
    }

    @Test
    void who_may_not_see_a_series_is_told_so_without_secrets() throws IOException {
        Path wrong = Files.writeString(folder.resolve("wrong"), "doctor:hunter2");
        Program refused = Program.run(
                "convert", pacs.series(DicomScans.SERIES), "--auth-file", wrong, "-o", folder.resolve("ct.nii.gz"));
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("asks for credentials").doesNotContain("hunter2", DicomScans.SERIES);
    }

    @Test
    void a_result_that_the_server_refuses_is_kept() throws IOException {
        pacs.takeNothing();
        Program refused = predictToSame();
        assertThat(refused.code()).isEqualTo(1);
        var kept = Pattern.compile("kept in (\\S+),").matcher(refused.err());
        assertThat(kept.find()).as(refused.err()).isTrue();
        Path results = Path.of(kept.group(1));
        try (var files = Files.list(results)) {
            assertThat(files.toList()).singleElement().asString().endsWith(".dcm");
        }
        assertThat(results.resolveSibling("images")).doesNotExist();
        WorkFolder.delete(results.getParent());
    }
}
