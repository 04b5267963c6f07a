package org.attunet.dicom.web;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleConsumer;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.Tag;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;
import org.attunet.io.InheritedAccess;

/** Fetches the files of a series from the parts of one response. */
final class SeriesDownload {
    private static final String ACCEPT = "multipart/related; type=\"application/dicom\"; transfer-syntax=*";
    private static final int LONGEST_BOUNDARY = 70; // RFC 2046, 5.1.1

    private final WebClient client;
    private final WebAddress series;
    private final WebLimits limits;
    private final int expected;
    private final List<Path> files = new ArrayList<>();
    private long left;

    /**
     * @param expected the number of files that the server says there are; 0 if unknown
     */
    SeriesDownload(WebClient client, WebAddress series, WebLimits limits, int expected) {
        this.client = client;
        this.series = series;
        this.limits = limits;
        this.expected = expected;
        if (expected > limits.files()) {
            throw failure(
                    "the series has " + expected + " files", "at most " + limits.files(), "choose a smaller series");
        }
    }

    List<Path> to(Path folder, DoubleConsumer progress) {
        boolean done = false;
        try {
            client.send(WebClient.Request.get(series.path(), ACCEPT), response -> {
                discard(); // of a try that broke off
                left = limits.bytes();
                return receive(response, folder, progress);
            });
            requireAll();
            done = true;
            return List.copyOf(files);
        } finally {
            if (!done) {
                discard();
            }
        }
    }

    private boolean receive(Response response, Path folder, DoubleConsumer progress) throws IOException {
        if (response.status() != 200) {
            throw response.status() == 206 ? partial() : response.refusal();
        }
        switch (response.mediaType()) {
            case "application/dicom" -> store(response.body()::transferTo, folder);
            case "multipart/related" -> {
                String boundary = response.parameter("boundary");
                if (boundary == null || boundary.isEmpty() || boundary.length() > LONGEST_BOUNDARY) {
                    throw response.failure("its answer names no boundary", "multipart/related with one", "report it");
                }
                parts(new MultipartReader(response.body(), boundary), folder, progress);
            }
            default -> throw response.unlike("DICOM files in multipart/related");
        }
        return true;
    }

    private void parts(MultipartReader parts, Path folder, DoubleConsumer progress) throws IOException {
        while (parts.next()) {
            Interruption.check();
            if (!parts.contentType().matches("(?i)|application/(dicom|octet-stream)\\b.*")) {
                throw failure("a part that is no DICOM file", "DICOM files", "ask the server for another series");
            }
            if (files.size() == limits.files()) {
                throw failure("more than " + limits.files() + " files come", "fewer", "choose a smaller series");
            }
            store(out -> parts.transferTo(out, Long.MAX_VALUE), folder);
            if (expected > 0) {
                progress.accept(Math.min(1, files.size() / (double) expected));
            }
        }
    }

    /** Content that writes itself. */
    private interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    private void store(Content content, Path folder) throws IOException {
        Path file = folder.resolve(String.format(Locale.ROOT, "%06d.dcm", files.size() + 1));
        try (OutputStream out = new Bounded(create(file))) {
            files.add(file);
            content.writeTo(out);
        }
        DataSet set = elements(file);
        boolean same = set.text(Tag.SERIES_INSTANCE_UID).equals(series.series())
                && set.text(Tag.STUDY_INSTANCE_UID).equals(series.study());
        if (!same) {
            throw failure("it sends a file of another series", "files of this one", "report it to the server's keeper");
        }
    }

    private DataSet elements(Path file) {
        try {
            return DicomFile.read(file).elements();
        } catch (AttunetException e) { // it names a temporary file
            throw failure("file " + files.size() + " that it sends is damaged: " + e.found(), e.expected(), e.remedy());
        }
    }

    private static OutputStream create(Path file) {
        try {
            return new BufferedOutputStream(InheritedAccess.create(file), 1 << 16);
        } catch (IOException e) {
            throw unwritten(file, e);
        }
    }

    private static AttunetException unwritten(Path file, IOException e) {
        return new AttunetException(
                file.toString(),
                "it can't be written (" + e.getClass().getSimpleName() + ")",
                "room for the series",
                "free some space",
                e);
    }

    /** Takes no more bytes than the series may have, and tells a full disk from a connection that broke off. */
    private final class Bounded extends FilterOutputStream {
        Bounded(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            left -= length;
            if (left < 0) {
                throw failure(
                        "the series is longer than " + limits.bytes() + " bytes", "less", "choose a smaller series");
            }
            try {
                out.write(bytes, from, length);
            } catch (IOException e) {
                throw unwritten(files.get(files.size() - 1), e);
            }
        }
    }

    private void requireAll() {
        if (files.isEmpty()) {
            throw failure("it sends no file of the series", "its files", "check the identifiers");
        }
        if (files.size() < expected) {
            throw partial();
        }
    }

    private AttunetException partial() {
        return failure(
                expected > 0
                        ? "it sends " + files.size() + " of " + expected + " files of the series"
                        : "it sends a part of the series only",
                "all of them",
                "check the server's storage, and try again");
    }

    private AttunetException failure(String found, String expected, String remedy) {
        return new AttunetException(series.root().toString(), found, expected, remedy);
    }

    private void discard() {
        for (Path file : files) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                throw unwritten(file, e);
            }
        }
        files.clear();
    }
}
