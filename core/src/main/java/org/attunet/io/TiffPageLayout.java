package org.attunet.io;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.attunet.io.TiffPlaneStream.Page;

/**
 * Where a page's samples lie, and its descriptions for the decoder.
 *
 * @param tiled whether the parts are tiles; otherwise they are strips of rows
 * @param offsets of the parts; with samples plane by plane, all parts of the first plane, then those of the second, …
 * @param bytes of the parts; empty if the page doesn't say
 * @param planes in which the samples of a pixel lie: 1, or as many as there are samples
 */
record TiffPageLayout(
        Path file,
        TiffFile tiff,
        TiffDirectory page,
        TiffSamples samples,
        boolean tiled,
        long[] offsets,
        long[] bytes,
        int planes) {

    /** Reads and checks the fields of a page. */
    static TiffPageLayout of(Path file, TiffFile tiff, TiffDirectory page) throws IOException {
        boolean tiled = page.has(TiffTag.TILE_OFFSETS);
        TiffSamples samples = TiffSamples.of(file, page);
        TiffPageLayout layout = new TiffPageLayout(
                file,
                tiff,
                page,
                samples,
                tiled,
                page.numbers(tiled ? TiffTag.TILE_OFFSETS : TiffTag.STRIP_OFFSETS),
                page.numbers(tiled ? TiffTag.TILE_BYTES : TiffTag.STRIP_BYTES),
                samples.samples() > 1 && page.number(TiffTag.PLANAR, 1) == 2 ? samples.samples() : 1);
        layout.requireParts();
        return layout;
    }

    private int partWidth() throws IOException {
        return tiled ? page.number(TiffTag.TILE_WIDTH, 0) : samples.width();
    }

    private int partHeight() throws IOException {
        int rows = tiled ? page.number(TiffTag.TILE_HEIGHT, 0) : rowsPerStrip();
        return tiled ? rows : Math.min(rows, samples.height());
    }

    private int rowsPerStrip() throws IOException {
        long[] rows = page.numbers(TiffTag.ROWS_PER_STRIP);
        return rows.length == 0 ? samples.height() : (int) Math.min(Integer.MAX_VALUE, rows[0]);
    }

    /** The parts of one plane. */
    private int partsOfPlane() throws IOException {
        long width = partWidth();
        long height = partHeight();
        if (width < 1 || height < 1) {
            throw FileErrors.damaged(file, "tiles or strips of " + width + " x " + height, "sizes of 1 or more");
        }
        return (int) (((samples.width() + width - 1) / width) * ((samples.height() + height - 1) / height));
    }

    private void requireParts() throws IOException {
        int needed = Math.multiplyExact(partsOfPlane(), planes);
        if (offsets.length < needed) {
            throw FileErrors.damaged(
                    file, offsets.length + (tiled ? " tiles" : " strips"), needed + " for the size of the page");
        }
        if (Arrays.stream(offsets).anyMatch(offset -> offset < 0)) {
            throw new EOFException();
        }
        if (samples.compression() != TiffSamples.UNCOMPRESSED || samples.isConverted()) {
            return;
        }
        int parts = partsOfPlane();
        int height = partHeight();
        long row = ((long) partWidth() * (samples.samples() / planes) * samples.bits() + 7) / 8;
        for (int i = 0; i < needed; i++) {
            int below = samples.height() - i % parts * height;
            long expected = row * (tiled ? height : Math.min(height, below));
            boolean outside = offsets[i] > tiff.length() - expected;
            if (outside || (bytes.length > i && bytes[i] > 0 && bytes[i] < expected)) {
                throw new EOFException();
            }
        }
    }

    /** The page as it is. */
    Page whole() throws IOException {
        return described(offsets, bytes, samples.samples());
    }

    /** One plane of a page whose samples lie plane by plane. */
    Page band(int band) throws IOException {
        int parts = partsOfPlane();
        long[] lengths = bytes.length == 0 ? bytes : Arrays.copyOfRange(bytes, band * parts, (band + 1) * parts);
        return described(Arrays.copyOfRange(offsets, band * parts, (band + 1) * parts), lengths, 1);
    }

    /** The n-th of equal pages without compression that lie one behind the other, of which this page is the first. */
    Page behind(int n) throws IOException {
        long plane = samples.planeBytes(samples.samples());
        long start = offsets[0] + n * plane;
        int parts = partsOfPlane();
        boolean inPieces = tiled || planes > 1;
        for (int i = 1; i < parts && !inPieces; i++) {
            inPieces = offsets[i] != offsets[i - 1] + bytes[i - 1];
        }
        if (inPieces) {
            throw TiffSamples.unsupported(file, "a stack in one directory, in pieces", "one piece");
        }
        if (start > tiff.length() - plane) {
            throw StackDescription.contradiction(file, "its description says more planes than it holds");
        }
        return described(new long[] {start}, new long[] {plane}, samples.samples())
                .put(TiffTag.ROWS_PER_STRIP, samples.height());
    }

    private Page described(long[] parts, long[] lengths, int count) throws IOException {
        int[] bits = new int[count];
        int[] formats = new int[count];
        Arrays.fill(bits, samples.bits());
        Arrays.fill(formats, samples.number().code());
        Page described = new Page(tiff.order())
                .put(TiffTag.WIDTH, samples.width())
                .put(TiffTag.HEIGHT, samples.height())
                .put(TiffTag.BITS, bits)
                .put(TiffTag.COMPRESSION, samples.compression())
                .put(
                        TiffTag.PHOTOMETRIC,
                        samples.isConverted() && count > 1 ? samples.colours() : TiffSamples.BLACK_IS_ZERO)
                .copy(page, TiffTag.FILL_ORDER)
                .put(TiffTag.SAMPLES, count)
                .copy(page, TiffTag.FAX_3_OPTIONS)
                .copy(page, TiffTag.FAX_4_OPTIONS)
                .put(TiffTag.SAMPLE_FORMAT, formats)
                .copy(page, TiffTag.JPEG_TABLES)
                .copy(page, TiffTag.YCBCR_COEFFICIENTS)
                .copy(page, TiffTag.YCBCR_SUBSAMPLING)
                .copy(page, TiffTag.YCBCR_POSITION)
                .copy(page, TiffTag.REFERENCE_BLACK_WHITE)
                .put(tiled ? TiffTag.TILE_OFFSETS : TiffTag.STRIP_OFFSETS, parts, true);
        if (lengths.length > 0) {
            described.put(tiled ? TiffTag.TILE_BYTES : TiffTag.STRIP_BYTES, lengths, false);
        }
        if (tiled) {
            described.put(TiffTag.TILE_WIDTH, partWidth()).put(TiffTag.TILE_HEIGHT, partHeight());
        } else {
            described.put(TiffTag.ROWS_PER_STRIP, partHeight());
        }
        if (samples.isPredicted()) {
            described.copy(page, TiffTag.PREDICTOR);
        }
        if (count > 1 && !samples.isConverted()) {
            described.put(TiffTag.EXTRA_SAMPLES, new int[count - 1]);
        }
        return described;
    }
}
