package org.attunet.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.attunet.console.Console;
import org.attunet.console.ProgressDisplay;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.web.DicomWeb;
import org.attunet.dicom.web.WebAddress;
import org.attunet.dicom.web.WebLimits;
import org.attunet.error.AttunetException;
import org.attunet.server.work.WorkFolder;

/**
 * A series of a DICOMweb server in a temporary folder, which only its owner may read. The folder goes when this is closed, or
 * the process is ended by a signal.
 */
final class WebSeries implements AutoCloseable {
    private final DicomWeb web;
    private final Path folder;
    private final Thread atExit;

    /** Whether results couldn't be stored and stay where they are. */
    private volatile boolean kept;

    private WebSeries(DicomWeb web, Path folder) {
        this.web = web;
        this.folder = folder;
        atExit = new Thread(() -> WorkFolder.delete(kept ? images() : folder), "remove-fetched-series");
    }

    /** Fetches a series. */
    static WebSeries fetch(WebAddress address, WebOptions options, Console console) {
        DicomWeb web = options.open(address, WebLimits.USUAL, console);
        WebSeries series = new WebSeries(web, newFolder());
        Runtime.getRuntime().addShutdownHook(series.atExit);
        try (ProgressDisplay progress = ProgressDisplay.share(console, "Fetching the series")) {
            web.download(address, Files.createDirectory(series.images()), progress::reached);
            return series;
        } catch (RuntimeException e) {
            series.close();
            throw e;
        } catch (IOException e) {
            series.close();
            throw unwritable(e);
        }
    }

    private static Path newFolder() {
        try {
            return Files.createTempDirectory("attunet");
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private static AttunetException unwritable(IOException e) {
        return new AttunetException(
                System.getProperty("java.io.tmpdir"),
                "the series can't be stored there (" + e.getClass().getSimpleName() + ")",
                "a folder for temporary files",
                "free some space, or choose another by JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=FOLDER",
                e);
    }

    /** The folder of its files. */
    Path images() {
        return folder.resolve("images");
    }

    /** A folder for results that go to the server. */
    Path results() {
        return folder.resolve("results");
    }

    /** The address of a result on the server. */
    String stored(Path file) {
        DataSet set = DicomFile.read(file).elements();
        return web.address()
                .of(set.text(Tag.STUDY_INSTANCE_UID), set.text(Tag.SERIES_INSTANCE_UID))
                .toString();
    }

    /** Stores files on the server that the series is from. */
    void store(List<Path> files, Console console) {
        try (ProgressDisplay progress = ProgressDisplay.share(console, "Storing the results")) {
            console.notes(web.store(files, progress::reached));
        } catch (AttunetException e) {
            kept = true;
            throw new AttunetException(
                    e.subject(),
                    e.found(),
                    e.expected(),
                    e.remedy() + "; the results are kept in " + results() + ", delete them when they are stored",
                    e);
        }
    }

    @Override
    public void close() {
        WorkFolder.delete(kept ? images() : folder);
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // the process is ending, and the hook runs
        }
    }
}
