package org.attunet.dataset;

import java.util.stream.IntStream;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.jspecify.annotations.Nullable;

/**
 * How the values in one mask's file become labels. A mask of one structure may write it as 1, as 255 or as 65535, and may
 * have passed through lossy compression: values then crowd around two levels. Both are read as the structure; every other
 * value must be a declared label.
 */
enum MaskReading {
    /** Every value is a label. */
    AS_STORED,
    /** The only value stands for the only label. */
    ON_OFF,
    /** Values above half of white are the only label, those below it the background. */
    TWO_LEVELS;

    /** The share of voxels between the levels, of those at the upper one, up to which the levels are unambiguous. */
    private static final double MOST_BETWEEN = 0.001;

    private static final int WHITE = 255;
    private static final int WHITE_16 = 65535;

    /**
     * Chooses the reading of a mask.
     *
     * @throws AttunetException if the values are neither labels nor the two levels of one structure
     */
    static MaskReading of(MaskValues mask, LabelSet labels) {
        if (IntStream.of(mask.values()).allMatch(value -> labels.classOf(value) > 0)) {
            return AS_STORED;
        }
        if (labels.size() == 1 && MaskValues.ON.contains(labels.valueOf(1))) {
            if (mask.isOnOff()) {
                return ON_OFF;
            }
            if (isTwoLevels(mask) && mask.ignored() == 0) {
                return TWO_LEVELS;
            }
        }
        throw refused(mask, labels);
    }

    /** Whether values crowd around 0 and white only, as those of one structure do after lossy compression. */
    static boolean isTwoLevels(MaskValues mask) {
        int white = white(mask);
        boolean known = mask.isLossy() && mask.largest() <= WHITE;
        if (!known && mask.largest() < white * 15L / 16) {
            return false;
        }
        long between = mask.voxelsBetween(white / 3, white - white / 3);
        long high = mask.voxelsBetween(white - white / 3, white + 1);
        int margin = mask.isLossy() ? white / 16 : 0; // of lossy compression in flat areas
        boolean noise = IntStream.range(0, mask.values().length - 1).allMatch(k -> {
            int value = mask.values()[k];
            boolean near = value <= margin || value >= white - margin;
            return mask.isScattered(k) || (high > 0 && near);
        });
        return noise && between <= MOST_BETWEEN * high;
    }

    private static int white(MaskValues mask) {
        return mask.largest() > WHITE ? WHITE_16 : WHITE;
    }

    private static AttunetException refused(MaskValues mask, LabelSet labels) {
        String soft = softness(mask);
        if (soft != null) {
            return soft(mask, soft);
        }
        int value = IntStream.of(mask.values())
                .filter(one -> labels.classOf(one) < 0)
                .findFirst()
                .orElse(0);
        return new AttunetException(
                mask.file(),
                "the mask holds the label " + value,
                "0 or a declared label (" + labels + ")",
                "declare " + value + " under labels in dataset.json, give --ignore " + value
                        + " if such voxels are not judged, or --ignore undeclared if this holds for every value that isn't"
                        + " declared, or correct the mask");
    }

    /** The refusal of a mask that isn't a label map. */
    static AttunetException soft(MaskValues mask, String softness) {
        return new AttunetException(
                mask.file(),
                "the mask has " + mask.values().length + " values other than 0, up to " + mask.largest() + ", "
                        + softness,
                "a label map: one whole number for each structure",
                "save masks as PNG, TIFF or NIfTI without smoothing, interpolation or lossy compression, or apply a"
                        + " threshold to them");
    }

    /** Why a mask isn't a label map, as a clause; null if it looks like one. */
    static @Nullable String softness(MaskValues mask) {
        if (mask.isLossy() && mask.values().length > 1) {
            return "since JPEG changes values";
        }
        int below = mask.values().length - 1;
        long scattered =
                IntStream.range(0, Math.max(0, below)).filter(mask::isScattered).count();
        return mask.largest() >= 100 && below >= 3 && scattered >= 0.75 * below
                ? "most of them only along outlines, as smoothing or interpolation leaves them"
                : null;
    }

    /** Returns the labels; the same map if nothing changes. */
    LabelMap apply(LabelMap map, MaskValues mask, LabelSet labels) {
        if (this == AS_STORED) {
            return map;
        }
        int threshold = this == ON_OFF ? 1 : (white(mask) + 1) / 2;
        short label = (short) labels.valueOf(1);
        short[] voxels = new short[map.voxels().length];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = !map.isJudged(i) ? (short) map.ignored() : map.label(i) >= threshold ? label : 0;
        }
        return map.with(map.grid(), voxels);
    }
}
