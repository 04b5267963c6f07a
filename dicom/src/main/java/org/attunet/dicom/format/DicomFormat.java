package org.attunet.dicom.format;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.DoubleConsumer;
import org.attunet.dicom.series.Contents;
import org.attunet.io.SeriesFormat;
import org.attunet.io.StoredSeries;

/** DICOM for {@link SeriesFormat}. */
public final class DicomFormat implements SeriesFormat {
    /** The format; made by the service loader. */
    public DicomFormat() {}

    @Override
    public boolean isSeries(Path path) {
        return Files.exists(path) && Contents.areIn(path);
    }

    @Override
    public List<StoredSeries> open(List<Path> paths, DoubleConsumer progress) {
        Contents contents = Contents.of(paths, progress).requireWhole();
        return contents.series().stream()
                .<StoredSeries>map(series -> new DicomSeries(series, contents.notes()))
                .toList();
    }
}
