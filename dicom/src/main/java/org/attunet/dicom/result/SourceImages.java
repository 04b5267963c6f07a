package org.attunet.dicom.result;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Vr;
import org.attunet.dicom.series.Series;
import org.attunet.dicom.series.Slice;

/** References from a result to the images that it was made of. */
final class SourceImages {
    private static final Code PURPOSE = new Code("DCM", "121322", "Source image for image processing operation");

    private static final Code SEGMENTATION = new Code("DCM", "113076", "Segmentation"); // PS3.16, CID 7203

    private SourceImages() {}

    /** Puts the series and each of its files, once (PS3.3, C.12.2). */
    static void putSeries(DataSet set, Series series) {
        DataSet item = new DataSet();
        item.put(Tag.SERIES_INSTANCE_UID, Vr.UI, series.uid());
        item.put(ResultTag.REFERENCED_INSTANCE_SEQUENCE, files(series));
        set.put(ResultTag.REFERENCED_SERIES_SEQUENCE, List.of(item));
    }

    /** References to each of a series' files, once. */
    static List<DataSet> files(Series series) {
        Map<String, DataSet> files = new LinkedHashMap<>();
        for (Slice slice : series.slices()) {
            files.computeIfAbsent(slice.sopInstanceUid(), uid -> file(slice));
        }
        return List.copyOf(files.values());
    }

    private static DataSet file(Slice slice) {
        DataSet item = new DataSet();
        item.put(ResultTag.REFERENCED_SOP_CLASS_UID, Vr.UI, slice.sopClassUid());
        item.put(ResultTag.REFERENCED_SOP_INSTANCE_UID, Vr.UI, slice.sopInstanceUid());
        return item;
    }

    /** A reference to a slice, with its number in a file of several frames. */
    static DataSet slice(Slice slice) {
        DataSet item = file(slice);
        if (slice.file().elements().has(Tag.NUMBER_OF_FRAMES)) {
            item.put(ResultTag.REFERENCED_FRAME_NUMBER, Vr.IS, slice.frameNumber());
        }
        return item;
    }

    /** Puts the slice that a frame was made of and in whose place it lies (PS3.3, C.7.6.16.2.6). */
    static void putDerivation(DataSet groups, Slice slice) {
        DataSet source = slice(slice);
        source.put(ResultTag.SPATIAL_LOCATIONS_PRESERVED, Vr.CS, "YES");
        source.put(ResultTag.PURPOSE_OF_REFERENCE_CODE_SEQUENCE, PURPOSE.items());
        DataSet item = new DataSet();
        item.put(ResultTag.DERIVATION_CODE_SEQUENCE, SEGMENTATION.items());
        item.put(ResultTag.SOURCE_IMAGE_SEQUENCE, List.of(source));
        groups.put(ResultTag.DERIVATION_IMAGE_SEQUENCE, List.of(item));
    }
}
