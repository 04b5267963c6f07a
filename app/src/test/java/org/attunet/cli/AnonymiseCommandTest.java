package org.attunet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.DicomWriter;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Uid;
import org.attunet.dicom.data.Vr;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code attunet anonymise}: files lose who they are of; what can't be cleaned is named and left out. */
class AnonymiseCommandTest {
    private static final int PATIENT_ID = 0x0010_0020;

    @TempDir
    private Path folder;

    private Path source;
    private Path target;

    @BeforeEach
    void writeFiles() {
        source = folder.resolve("Doe_John");
        target = folder.resolve("out");
        write("study/b.dcm", "4711", "CT");
        write("study/a.dcm", "4712", "CT");
        write("echo.dcm", "4711", "US");
    }

    private void write(String name, String patient, String modality) {
        DataSet set = new DataSet();
        set.put(Tag.SOP_CLASS_UID, Vr.UI, "1.2.840.10008.5.1.4.1.1.2");
        set.put(Tag.SOP_INSTANCE_UID, Vr.UI, Uid.random());
        set.put(Tag.MODALITY, Vr.CS, modality);
        set.put(0x0010_0010, Vr.PN, "Doe^John");
        set.put(PATIENT_ID, Vr.LO, patient);
        set.put(Tag.PIXEL_DATA, Vr.OW, new byte[] {1, 2, 3, 4});
        DicomWriter.write(source.resolve(name), set);
    }

    @Test
    void filesAreCleanedAndThoseThatMayShowNamesNamed() throws IOException {
        Files.writeString(source.resolve("notes.txt"), "about John");
        Files.write(source.resolve("bad.dcm"), new byte[] {8, 0, 5, 0, 'C', 'S', 99, 0, 1});

        Program done = Program.run("--json", "anonymise", source, "-o", target);

        assertThat(done.code()).isEqualTo(1);
        assertThat(done.json().get("files").asInt()).isEqualTo(2);
        assertThat(done.json().get("patients").asInt()).isEqualTo(2);
        assertThat(done.json().get("problems")).hasSize(2);
        assertThat(done.err())
                .contains("bad.dcm")
                .contains("echo.dcm: it is an ultrasound image")
                .contains("--allow-burned-in")
                .contains("no DICOM files: 1");
        assertThat(written()).containsExactly("P0001/study1/series1/0001.dcm", "P0002/study1/series1/0001.dcm");
        assertThat(DicomFile.read(target.resolve("P0001/study1/series1/0001.dcm"))
                        .elements()
                        .text(PATIENT_ID))
                .isEqualTo("P0001");
    }

    @Test
    void aKeyAndAMappingAreTheOwnersAlone() throws IOException {
        Path key = folder.resolve("project.key");
        Path mapping = folder.resolve("patients.tsv");

        Program done =
                Program.run("anonymise", source, "-o", target, "--key", key, "--mapping", mapping, "--allow-burned-in");
        Program again =
                Program.run("anonymise", source, "-o", folder.resolve("again"), "--key", key, "--allow-burned-in");

        assertThat(done.code()).as(done.err()).isZero();
        assertThat(done.err()).contains("pixels may show who the patient is: 1");
        for (Path secret : List.of(key, mapping)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
                    .isEqualTo("rw-------");
        }
        List<String> names = written();
        assertThat(Files.readAllLines(mapping)).hasSize(3).anyMatch(line -> line.endsWith("\tid\t4711"));
        target = folder.resolve("again");
        assertThat(again.code()).isZero();
        assertThat(written()).isEqualTo(names);
    }

    @Test
    void anArchiveIsRead() throws IOException {
        Path zip = folder.resolve("files.zip");
        try (FileSystem archive = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
            Files.copy(source.resolve("study/a.dcm"), archive.getPath("a.dcm"));
        }
        assertThat(Program.run("anonymise", zip, "-o", target).code()).isZero();
        assertThat(written()).containsExactly("P0001/study1/series1/0001.dcm");
    }

    @Test
    void nothingIsOverwritten() throws IOException {
        Files.createDirectories(target);
        Files.writeString(target.resolve("mine"), "x");
        Program.run("anonymise", source, "-o", target).refused(target, "isn't empty", "new folder", "another");

        Path inside = source.resolve("out");
        Program.run("anonymise", source, "-o", inside).refused(inside, "in the input", "elsewhere", "another");

        Path fresh = folder.resolve("fresh");
        Path mapping = fresh.resolve("patients.tsv");
        Program.run("anonymise", source, "-o", fresh, "--mapping", mapping)
                .refused(mapping, "in the folder of de-identified files", "another folder", "apart");

        Program.run("anonymise", source, "-o", fresh, "--mapping", source.resolve("echo.dcm"))
                .refused(source.resolve("echo.dcm"), "exists", "new file", "another name");
        assertThat(fresh).doesNotExist();
        assertThat(Files.readString(target.resolve("mine"), StandardCharsets.UTF_8))
                .isEqualTo("x");
    }

    @Test
    void aFolderWithoutDicomIsRefused() throws IOException {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        Program.run("anonymise", empty, "-o", target).refused(empty, "no DICOM files", "scanner", "folder");
        assertThat(target).doesNotExist();
    }

    private List<String> written() throws IOException {
        try (Stream<Path> files = Files.walk(target)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> target.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }
}
