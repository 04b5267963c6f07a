package org.attunet.dicom.result;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.Tag;

/** What files have in common that hold a frame for each slice of a series. */
final class WholeStack {
    private WholeStack() {}

    /**
     * Returns the elements of such a file without its pixels.
     *
     * @param bits of a number, of which a pixel has 1 or, in colours, 3
     */
    static DataSet elements(Planes planes, ResultKind kind, Algorithm algorithm, int bits, int samples) {
        DataSet set = ResultHeader.of(planes.series(), kind, algorithm);
        ResultHeader.frameOfReference(set, planes.series());
        SourceImages.putSeries(set, planes.series());
        planes.putPixels(set, planes.size(), bits, samples);
        if (planes.series().isPicture()) { // which lies nowhere
            return set;
        }
        set.put(Tag.SHARED_FUNCTIONAL_GROUPS_SEQUENCE, List.of(planes.shared()));
        List<DataSet> frames = new ArrayList<>();
        for (int plane = 0; plane < planes.size(); plane++) {
            frames.add(planes.place(plane));
        }
        set.put(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, frames);
        return set;
    }

    /** Returns the bytes of such a file's pixels of these bytes each. */
    static int length(Path target, Planes planes, int bytes) {
        return planes.bytes(target, planes.size(), 8 * bytes, "write it as NIfTI");
    }
}
