package org.attunet.dicom.result;

import java.util.Arrays;
import java.util.List;
import org.attunet.dicom.series.Series;
import org.attunet.error.AttunetException;

/** Which of the declared labels a slice has. */
final class LabelIndex {
    private final String subject;
    private final List<Integer> values;
    private final int[] places = new int[1 << 16]; // of a value among the labels, -1 for others

    private LabelIndex(String subject, List<Integer> values) {
        this.subject = subject;
        this.values = values;
        Arrays.fill(places, -1);
        for (int k = 0; k < values.size(); k++) {
            places[values.get(k)] = k;
        }
    }

    static LabelIndex of(Series series, List<CodedLabel> labels) {
        return new LabelIndex(
                "mask of " + series.label(),
                labels.stream().map(CodedLabel::value).toList());
    }

    /**
     * Returns which of the labels, in their order, occur.
     *
     * @throws AttunetException if another one does
     */
    boolean[] present(short[] pixels) {
        boolean[] present = new boolean[values.size()];
        for (short label : pixels) {
            int place = places[Short.toUnsignedInt(label)];
            if (place >= 0) {
                present[place] = true;
            } else if (label != 0) {
                throw new AttunetException(
                        subject, "label " + Short.toUnsignedInt(label), "the labels " + values, "declare all labels");
            }
        }
        return present;
    }
}
