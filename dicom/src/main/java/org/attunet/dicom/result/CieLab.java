package org.attunet.dicom.result;

/**
 * Colours in CIELab as DICOM encodes them (PS3.3, C.10.7.1.1): relative to the white of D50, as ICC profiles connect, in
 * whole numbers of 16 bits.
 */
final class CieLab {
    private static final double[] WHITE = {0.9642, 1, 0.8249};

    /** From linear sRGB to XYZ, adapted from D65 to D50 by Bradford's method (IEC 61966-2-1; ICC.1:2022, annex E). */
    private static final double[][] XYZ = {
        {0.4360747, 0.3850649, 0.1430804}, {0.2225045, 0.7168786, 0.0606169}, {0.0139322, 0.0971045, 0.7141733}
    };

    private CieLab() {}

    /**
     * Returns L, a and b of a colour as numbers from 0 to 65535.
     *
     * @param colour 0xRRGGBB, in sRGB
     */
    static double[] encoded(int colour) {
        double[] linear = {linear(colour >> 16), linear(colour >> 8), linear(colour)};
        double[] f = new double[3];
        for (int row = 0; row < 3; row++) {
            double sum = 0;
            for (int column = 0; column < 3; column++) {
                sum += XYZ[row][column] * linear[column];
            }
            f[row] = root(sum / WHITE[row]);
        }
        double lightness = 116 * f[1] - 16;
        return new double[] {
            number(lightness / 100),
            number((500 * (f[0] - f[1]) + 128) / 255),
            number((200 * (f[1] - f[2]) + 128) / 255)
        };
    }

    private static double linear(int component) {
        double share = (component & 0xFF) / 255.0;
        return share <= 0.04045 ? share / 12.92 : Math.pow((share + 0.055) / 1.055, 2.4);
    }

    private static double root(double share) {
        return share > 216.0 / 24389 ? Math.cbrt(share) : (24389.0 / 27 * share + 16) / 116;
    }

    private static double number(double share) {
        return Math.round(65535 * Math.max(0, Math.min(1, share)));
    }
}
