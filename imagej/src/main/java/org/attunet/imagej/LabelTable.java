package org.attunet.imagej;

import ij.process.LUT;
import java.awt.Color;
import java.util.List;
import org.attunet.image.LabelSet;
import org.attunet.picture.LabelColours;

/** The colours of a model's labels: those of the viewer, in the order of the labels' values. */
final class LabelTable {
    private LabelTable() {}

    /** The colour of a label by its value. */
    static Color of(LabelSet labels, int value) {
        return new Color(rgb(labels.classOf(value) - 1));
    }

    /** The colour of an object by its number. */
    static Color of(int number) {
        return new Color(LabelColours.of(number));
    }

    /** A table for pixels that hold numbers of objects from 0 to the highest one. */
    static LUT ofObjects(int highest) {
        byte[][] table = new byte[3][256];
        for (int entry = 1; entry < 256; entry++) {
            set(table, entry, highest <= 255 ? entry - 1 : (int) (entry * (long) highest / 255));
        }
        return new LUT(table[0], table[1], table[2]);
    }

    private static int rgb(int position) {
        return LabelColours.of(position + 1);
    }

    /** A table for pixels that hold values of labels from 0 to the highest one, which ImageJ spreads over 256 entries. */
    static LUT table(LabelSet labels, int highest) {
        byte[][] table = new byte[3][256];
        for (int entry = 1; entry < 256; entry++) {
            set(table, entry, entry - 1); // black entries would make ImageJ take the table for an inverting one
        }
        List<Integer> values = labels.values();
        for (int position = 0; position < values.size(); position++) {
            int entry = highest <= 255 ? values.get(position) : (int) (values.get(position) * 255L / highest);
            set(table, entry, position);
        }
        return new LUT(table[0], table[1], table[2]);
    }

    private static void set(byte[][] table, int entry, int position) {
        for (int c = 0; c < 3; c++) {
            table[c][entry] = (byte) (rgb(position) >> (16 - 8 * c));
        }
    }
}
