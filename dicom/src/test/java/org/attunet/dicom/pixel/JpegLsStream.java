package org.attunet.dicom.pixel;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/** A coded image of the resource jpeg-ls.txt, and the image that it was made of. */
record JpegLsStream(
        String kind, int width, int height, int components, int bits, int near, int largest, long crc, byte[] bytes) {

    static List<JpegLsStream> all() throws IOException {
        try (var in = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(JpegLsStream.class.getResourceAsStream("jpeg-ls.txt")),
                StandardCharsets.US_ASCII))) {
            return in.lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> of(line.split(" ")))
                    .toList();
        }
    }

    private static JpegLsStream of(String[] fields) {
        int[] n = new int[6];
        for (int i = 0; i < n.length; i++) {
            n[i] = Integer.parseInt(fields[i + 1]);
        }
        byte[] bytes = Base64.getDecoder().decode(fields[8]);
        return new JpegLsStream(fields[0], n[0], n[1], n[2], n[3], n[4], n[5], Long.parseLong(fields[7], 16), bytes);
    }

    JpegLs.Frame decode() {
        return decode(bytes);
    }

    JpegLs.Frame decode(byte[] stream) {
        return JpegLs.decode("scan.dcm", stream, width, height, components, bits > 8 ? 16 : 8);
    }

    /** The sample of the original image. */
    int original(int x, int y, int c) {
        int w = width;
        int h = height;
        int m = largest;
        return switch (kind) {
            case "flat" -> m * 7 / 10;
            case "gradient" -> (3 * x + 5 * y + 7 * c) % (m + 1);
            case "blocks" -> (x / 7 * 13 + y / 5 * 29 + c * 3) * 97 % (m + 1);
            case "noise" -> (int) ((x * 73L + y * 179L + c * 283L + 1) * 40503 % 65537 * 75 % 65537 % (m + 1));
            case "disc" ->
                (2 * x - w) * (2 * x - w) + (2 * y - h) * (2 * y - h) < w * h ? m / 4 + (x * y + c) % (m / 8 + 2) : 0;
            case "signed" -> Math.floorDiv((x - w / 2) * (y - h / 2), 3) & m;
            default -> throw new IllegalArgumentException(kind);
        };
    }

    @Override
    public String toString() {
        return kind + " " + width + "x" + height + "x" + components + ", " + bits + " bits, NEAR " + near;
    }
}
