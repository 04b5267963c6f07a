package org.attunet.io;

import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import javax.imageio.ImageReader;
import org.jspecify.annotations.Nullable;

/**
 * The pages of a TIFF file as slices and channels. TwelveMonkeys decodes the samples; what they mean is decided here, since
 * its pictures leave out all samples but grey, RGB and alpha.
 */
final class TiffPictures implements PictureFile {
    private static final int MOST_PLANES = 1 << 16;
    private static final long MOST_SAMPLES = 1 << 20;

    private final Path file;
    private final TiffFile tiff;
    private final TiffPages pages;
    private final TiffSamples samples;
    private final boolean planar;
    private final int[] kept;
    private final int alpha; // a sample, or -1
    private final ExifOrientation orientation;
    private final int channels;
    private final ImageReader reader = RasterFormat.TIFF.reader();
    private @Nullable String damage;

    /** Opens a file, whose pages must be one image. */
    TiffPictures(Path file) throws IOException {
        this.file = file;
        this.tiff = TiffFile.open(file);
        try {
            this.pages = TiffPages.of(file, tiff.directories());
            TiffDirectory first = pages.pages().get(0);
            this.samples = pages.samples();
            this.planar = samples.samples() > 1 && first.number(TiffTag.PLANAR, 1) == 2;
            this.kept = samples.withoutAlpha(first);
            this.alpha = alpha();
            this.orientation = ExifOrientation.of(first.number(TiffTag.ORIENTATION, 1));
            this.channels = countChannels();
            reader.setInput(TiffPlaneStream.of(tiff, decoderPages()), false, true);
            reader.addIIOReadWarningListener((source, warning) -> damage = damage(warning, damage));
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** The damage that a decoder warns of, or what was known before. */
    static @Nullable String damage(String warning, @Nullable String before) {
        String lower = warning.toLowerCase(Locale.ROOT);
        boolean damaged = lower.contains("corrupt") || lower.contains("premature") || lower.contains("truncated");
        return damaged ? warning : before;
    }

    /** The first sample that is declared as alpha; -1 if there is none, or the pages of a slice are channels. */
    private int alpha() {
        if (pages.stack().channels() > 1 || pages.isOneDirectory() || kept.length == samples.samples()) {
            return -1;
        }
        int first = 0;
        while (first < kept.length && kept[first] == first) {
            first++;
        }
        return first;
    }

    /** The samples that have planes of their own in a planar file. */
    private int[] planarBands() {
        return alpha < 0
                ? kept
                : IntStream.concat(IntStream.of(kept), IntStream.of(alpha)).toArray();
    }

    private int countChannels() throws IOException {
        if (samples.colours() != TiffSamples.PALETTE) {
            return pages.stack().channels() * kept.length;
        }
        for (TiffDirectory page : pages.pages()) {
            Palette palette = pages.palette(page);
            if (palette != null && !palette.isGrey()) {
                return 3;
            }
        }
        return pages.stack().channels();
    }

    @Override
    public int width() {
        return orientation.swapsAxes() ? samples.height() : samples.width();
    }

    @Override
    public int height() {
        return orientation.swapsAxes() ? samples.width() : samples.height();
    }

    @Override
    public int slices() {
        return pages.stack().slices();
    }

    @Override
    public @Nullable PixelSize pixelSize() {
        PixelSize stored = pages.stack().pixelSize();
        return stored == null || !orientation.swapsAxes() ? stored : stored.turned();
    }

    @Override
    public int channels() {
        return channels;
    }

    @Override
    public Picture slice(int index) throws IOException {
        List<float[]> bands = new ArrayList<>();
        int planes = pages.stack().channels();
        Palette palette = null;
        float[] opacity = null;
        int perPlane = planarBands().length;
        for (int at = index * planes; at < (index + 1) * planes; at++) {
            palette = pages.palette(pages.page(at));
            Raster raster = planar ? null : decode(at);
            for (int k = 0; k < kept.length; k++) {
                float[] stored = raster == null ? stored(decode(at * perPlane + k), 0) : stored(raster, kept[k]);
                bands.add(orientation.upright(meaning(stored, palette), samples.width(), samples.height()));
            }
            if (alpha >= 0) {
                float[] stored =
                        raster == null ? stored(decode(at * perPlane + kept.length), 0) : stored(raster, alpha);
                opacity = orientation.upright(stored, samples.width(), samples.height());
            }
        }
        return new Picture(bands.toArray(float[][]::new), palette, opacity);
    }

    /** Whether each slice is one plane of upright 32-bit whole numbers that stand for themselves. */
    boolean isWhole32() {
        boolean whole = samples.bits() == 32 && samples.number() != TiffSamples.NumberType.FLOAT;
        StackDescription.Values meant = pages.stack().values();
        return whole
                && samples.samples() == 1
                && pages.stack().channels() == 1
                && orientation.code() == 1
                && samples.colours() == TiffSamples.BLACK_IS_ZERO
                && !meant.isScaled();
    }

    /** The numbers of such a slice. */
    double[] whole32(int index) throws IOException {
        boolean signed = samples.number() == TiffSamples.NumberType.SIGNED;
        int[] stored = decode(index).getSamples(0, 0, samples.width(), samples.height(), 0, (int[]) null);
        return Arrays.stream(stored)
                .mapToDouble(value -> signed ? value : value & 0xffffffffL)
                .toArray();
    }

    private Raster decode(int decoderPage) throws IOException {
        Raster raster =
                samples.isConverted() ? reader.read(decoderPage).getRaster() : reader.readRaster(decoderPage, null);
        if (damage != null) {
            throw FileErrors.damaged(file, "its picture is damaged (" + damage + ")", "an undamaged file");
        }
        int expected = planar ? 1 : samples.samples();
        if (raster.getNumBands() != expected) {
            String found = expected + " samples of which the decoder reads " + raster.getNumBands();
            throw TiffSamples.unsupported(file, found, "grey or RGB");
        }
        return raster;
    }

    /** A band's numbers; a Raster treats all 8-bit numbers as unsigned and all 32-bit ones as signed. */
    private float[] stored(Raster raster, int band) {
        int width = raster.getWidth();
        int height = raster.getHeight();
        boolean signed = samples.number() == TiffSamples.NumberType.SIGNED;
        float[] values;
        if (raster.getDataBuffer().getDataType() == DataBuffer.TYPE_INT) {
            int[] numbers = raster.getSamples(0, 0, width, height, band, (int[]) null);
            values = new float[numbers.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = signed ? numbers[i] : numbers[i] & 0xffffffffL;
            }
            return values;
        }
        values = raster.getSamples(0, 0, width, height, band, (float[]) null);
        if (signed && samples.bits() == 8) {
            for (int i = 0; i < values.length; i++) {
                values[i] = (byte) values[i];
            }
        }
        return values;
    }

    /** What stored numbers stand for: greys of less than 8 bits are stretched to 0..255, as viewers show them. */
    private float[] meaning(float[] values, @Nullable Palette palette) {
        StackDescription.Values meant = pages.stack().values();
        boolean inverted = samples.colours() == TiffSamples.WHITE_IS_ZERO && !meant.asStored();
        boolean stretched = samples.bits() < 8 && samples.colours() != TiffSamples.PALETTE;
        if (palette != null || !(inverted || stretched || meant.isScaled())) {
            return values;
        }
        double most = Math.pow(2, samples.bits()) - 1;
        for (int i = 0; i < values.length; i++) {
            double value = inverted ? most - values[i] : values[i];
            values[i] = meant.of((float) (stretched ? value * 255 / most : value));
        }
        return values;
    }

    /** The planes of the stack, described to the decoder one by one. */
    private List<TiffPlaneStream.Page> decoderPages() throws IOException {
        List<TiffPlaneStream.Page> all = new ArrayList<>();
        long count = (long) pages.stack().planes().length * (planar ? planarBands().length : 1);
        if (count > MOST_PLANES) {
            throw TiffSamples.unsupported(file, count + " planes", "at most " + MOST_PLANES);
        }
        long described = count * (planar ? 1 : samples.samples()); // each is repeated in the description of its page
        if (described > MOST_SAMPLES) {
            throw TiffSamples.unsupported(file, described + " samples of all pages", "at most " + MOST_SAMPLES);
        }
        for (int at = 0; at < pages.stack().planes().length; at++) {
            TiffPageLayout layout = TiffPageLayout.of(file, tiff, pages.page(at));
            if (pages.isOneDirectory()) {
                all.add(layout.behind(pages.stack().planes()[at]));
            } else if (planar) {
                for (int band : planarBands()) {
                    all.add(layout.band(band));
                }
            } else {
                all.add(layout.whole());
            }
        }
        return all;
    }

    @Override
    public void close() throws IOException {
        reader.dispose();
        tiff.close();
    }
}
