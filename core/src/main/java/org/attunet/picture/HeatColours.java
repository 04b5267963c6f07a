package org.attunet.picture;

/**
 * A colour map from 0 (dark violet) to 1 (pale yellow) with evenly rising lightness, so that the order survives in grey and
 * for colour-blind eyes: some anchors of matplotlib's "inferno" (CC0), linear between them.
 */
public final class HeatColours {
    private static final int[] ANCHORS = {
        0x000004, 0x160b39, 0x420a68, 0x6a176e, 0x932667, 0xbc3754, 0xdd513a, 0xf37819, 0xfca50a, 0xf6d746, 0xfcffa4
    };

    private HeatColours() {}

    /**
     * {@return 0xRRGGBB; values outside 0..1 have the colour of the nearer end}
     *
     * @param value from 0 to 1
     */
    public static int of(double value) {
        double t = Math.max(0, Math.min(1, value)) * (ANCHORS.length - 1);
        int k = Math.min(ANCHORS.length - 2, (int) t);
        return mix(ANCHORS[k], ANCHORS[k + 1], t - k);
    }

    /**
     * Mixes two colours; share 0 is the first, 1 the second.
     *
     * @param first 0xRRGGBB
     * @param second 0xRRGGBB
     * @param share from 0 (the first) to 1 (the second)
     * @return 0xRRGGBB
     */
    public static int mix(int first, int second, double share) {
        int out = 0;
        for (int shift = 0; shift <= 16; shift += 8) {
            int a = first >> shift & 255;
            int b = second >> shift & 255;
            out |= (int) Math.round(a + share * (b - a)) << shift;
        }
        return out;
    }
}
