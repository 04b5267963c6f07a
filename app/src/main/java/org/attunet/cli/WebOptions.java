package org.attunet.cli;

import java.nio.file.Path;
import java.util.function.ToIntFunction;
import org.attunet.console.Console;
import org.attunet.dicom.web.Credentials;
import org.attunet.dicom.web.DicomWeb;
import org.attunet.dicom.web.WebAddress;
import org.attunet.dicom.web.WebLimits;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How to log in to a DICOMweb server. */
final class WebOptions {
    private static final String VARIABLE = "ATTUNET_DICOMWEB_AUTH";

    @Option(
            names = "--auth-file",
            paramLabel = "FILE",
            description = "A file whose first line is USER:PASSWORD or a token for the DICOMweb server (default: the"
                    + " environment variable " + VARIABLE + ", if it is set).")
    private @Nullable Path file;

    /** Opens a server; prints a warning if what it sends can be read on the way. */
    DicomWeb open(WebAddress address, WebLimits limits, Console console) {
        if (!address.isPrivate()) {
            console.message(
                    "warning: " + address.root() + " is not encrypted: patients' images can be read on the way");
        }
        return DicomWeb.at(address, credentials(), limits);
    }

    /** Works on a path, or on the folder of a series that is fetched for it. */
    int with(String input, Console console, ToIntFunction<Path> work) {
        if (!WebAddress.looksLike(input)) {
            return work.applyAsInt(Path.of(input));
        }
        try (WebSeries series = WebSeries.fetch(WebAddress.of(input), this, console)) {
            return work.applyAsInt(series.images());
        }
    }

    private Credentials credentials() {
        if (file != null) {
            return Credentials.of(SecretFile.password(file), file.toString());
        }
        String variable = System.getenv(VARIABLE);
        return variable == null || variable.isBlank() ? Credentials.NONE : Credentials.of(variable, VARIABLE);
    }
}
