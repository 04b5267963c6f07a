package org.attunet.picture;

import java.awt.image.IndexColorModel;

/**
 * The colours of labels: eight that colour-blind people can distinguish (after Okabe and Ito), lightened for dark
 * backgrounds, again and again from label 9 on. The viewer's first colours are the same.
 */
public final class LabelColours {
    private static final int[] COLOURS = {0x2fd39b, 0xf5a524, 0x56b4e9, 0xf7e463, 0xef6f3c, 0xd88bc4, 0x8f9cff, 0xc4d46a
    };

    private LabelColours() {}

    /**
     * {@return a label's colour, 0xRRGGBB; black for the background, label 0}
     *
     * @param label its value, 0 to 65535
     */
    public static int of(int label) {
        return label == 0 ? 0 : COLOURS[(label - 1) % COLOURS.length];
    }

    /** Returns the colours of the labels 0 to 255, by their values. */
    static IndexColorModel palette() {
        int[] colours = new int[256];
        for (int label = 0; label < colours.length; label++) {
            colours[label] = of(label);
        }
        return new IndexColorModel(8, colours.length, colours, 0, false, -1, java.awt.image.DataBuffer.TYPE_BYTE);
    }
}
