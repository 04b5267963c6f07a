package org.attunet.dicom.format;

import java.nio.file.Path;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.stream.Stream;
import org.attunet.dicom.series.Series;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelSet;
import org.attunet.io.SeriesResult;
import org.attunet.io.StoredMask;
import org.attunet.io.StoredSeries;
import org.jspecify.annotations.Nullable;

/** A DICOM series for {@link StoredSeries}. */
final class DicomSeries implements StoredSeries {
    private final Series series;
    private final List<String> notes;

    /** @param notes what else the user should know */
    DicomSeries(Series series, List<String> notes) {
        this.series = series;
        this.notes = notes;
    }

    @Override
    public String label() {
        return series.label();
    }

    @Override
    public List<Path> files() {
        return series.files();
    }

    @Override
    public int firstFrame() {
        return series.slices().get(0).frame() + 1;
    }

    @Override
    public Grid grid() {
        return series.grid();
    }

    @Override
    public Image image(DoubleConsumer progress) {
        return series.image(progress);
    }

    @Override
    public List<String> notes() {
        return Stream.concat(notes.stream(), series.notes().stream()).toList();
    }

    @Override
    public StoredMask mask(Path file, @Nullable LabelSet labels) {
        throw new AttunetException(file, "a mask in DICOM", "NIfTI", "convert it");
    }

    @Override
    public List<Path> write(SeriesResult result, Path mask) {
        throw new AttunetException(mask, "DICOM isn't written yet", "NIfTI", "use --as nifti");
    }
}
