package org.attunet.dicom.web;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.DicomWriter;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Vr;
import org.attunet.error.AttunetException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files there and back through a server of others. */
class OrthancTest {
    private static final String CT = "1.2.840.10008.5.1.4.1.1.2";

    @TempDir
    Path folder;

    @Test
    void a_series_comes_back_as_it_was_stored() throws IOException, InterruptedException {
        Map<String, Path> files = files();
        try (Orthanc orthanc = Orthanc.start(folder)) {
            Credentials credentials = Credentials.of(Orthanc.USER, "test");
            DicomWeb web = DicomWeb.at(orthanc.address, credentials, WebLimits.USUAL);
            List<Double> shares = new ArrayList<>();
            assertEquals(List.of(), web.store(List.copyOf(files.values()), shares::add));
            assertEquals(1, shares.get(shares.size() - 1));
            Map<String, Path> back = new HashMap<>();
            List<FoundSeries> found = web.findSeries(null, Map.of(), 1000);
            assertTrue(found.stream().anyMatch(series -> series.modality().equals("CT")));
            for (FoundSeries one : found) {
                Path own = Files.createDirectory(folder.resolve(one.uid()));
                List<Path> some = web.download(orthanc.address.of(one.studyUid(), one.uid()), own, share -> {});
                assertEquals(one.instances(), some.size());
                some.forEach(file -> back.put(instance(file), file));
                assertEquals(List.of(one), web.findSeries(one.studyUid(), Map.of("SeriesInstanceUID", one.uid()), 10));
            }
            assertEquals(files.keySet(), back.keySet());
            for (String instance : files.keySet()) {
                assertArrayEquals(
                        Files.readAllBytes(files.get(instance)),
                        Files.readAllBytes(back.get(instance)),
                        files.get(instance).toString());
            }
            DicomWeb stranger = DicomWeb.at(orthanc.address, Credentials.NONE, WebLimits.USUAL);
            String message = assertThrows(AttunetException.class, () -> stranger.findSeries(null, Map.of(), 1))
                    .getMessage();
            assertTrue(message.contains("credentials"), message);
            message = assertThrows(
                            AttunetException.class,
                            () -> web.download(orthanc.address.of("1.2", "3.4"), folder, share -> {}))
                    .getMessage();
            assertTrue(message.contains("doesn't have this"), message);
            Path text = Files.writeString(folder.resolve("text.dcm"), "no DICOM");
            message = assertThrows(AttunetException.class, () -> web.store(List.of(text), share -> {}))
                    .getMessage();
            assertTrue(message.contains("status 400"), message);
        }
    }

    /** Two small slices and, where they are, a public series, by their identifiers. */
    private Map<String, Path> files() throws IOException {
        Map<String, Path> files = new HashMap<>();
        for (int k = 0; k < 2; k++) {
            DataSet set = new DataSet();
            set.put(Tag.SPECIFIC_CHARACTER_SET, Vr.CS, "ISO_IR 192");
            set.put(Tag.SOP_CLASS_UID, Vr.UI, CT);
            set.put(Tag.SOP_INSTANCE_UID, Vr.UI, "2.25.1000" + k);
            set.put(Tag.STUDY_INSTANCE_UID, Vr.UI, "2.25.1");
            set.put(Tag.SERIES_INSTANCE_UID, Vr.UI, "2.25.2");
            set.put(Tag.MODALITY, Vr.CS, "CT");
            set.put(Tag.ROWS, Vr.US, 2.0);
            set.put(Tag.COLUMNS, Vr.US, 2.0);
            set.put(Tag.BITS_ALLOCATED, Vr.US, 16.0);
            set.put(Tag.PIXEL_DATA, Vr.OW, new byte[] {1, 2, 3, 4, 5, 6, 7, (byte) k});
            Path file = folder.resolve(k + ".dcm");
            DicomWriter.write(file, set);
            files.put(instance(file), file);
        }
        String given = System.getenv("ATTUNET_DICOM");
        if (given != null) {
            try (Stream<Path> all = Files.walk(Path.of(given, "ct_tilt"))) {
                all.filter(Files::isRegularFile)
                        .filter(DicomFile::looksLike)
                        .sorted()
                        .filter(file -> !instance(file).isEmpty())
                        .forEach(file -> files.put(instance(file), file));
            }
        }
        return files;
    }

    private static String instance(Path file) {
        return DicomFile.read(file).elements().text(Tag.SOP_INSTANCE_UID);
    }
}
