package org.attunet.dicom.pixel;

import com.twelvemonkeys.imageio.plugins.jpeg.JPEGImageReaderSpi;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.IIOException;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.attunet.dicom.data.PixelFormat;
import org.attunet.error.AttunetException;

/** Stored values of JPEG frames: of 8 bits by TwelveMonkeys; lossless ones by our own decoder, for that one loses pixels at the end. */
final class JpegPixels {
    private JpegPixels() {}

    static int[] values(byte[] frame, PixelFormat format, String name) throws IOException {
        int precision = precision(frame);
        if (lossless(frame)) {
            return LosslessJpeg.values(frame, format);
        }
        if (precision > 8) {
            throw new AttunetException(
                    name,
                    "JPEG of " + precision + " bits",
                    "JPEG of 8 bits, or lossless",
                    "convert the file, for instance with dcmdjpeg");
        }
        ImageReader reader = IIORegistry.getDefaultInstance()
                .getServiceProviderByClass(JPEGImageReaderSpi.class)
                .createReaderInstance(null);
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(frame))) {
            reader.setInput(in, true, true);
            if (reader.getWidth(0) != format.columns() || reader.getHeight(0) != format.rows()) {
                throw new IIOException("a frame of " + reader.getWidth(0) + " x " + reader.getHeight(0) + " instead of "
                        + format.columns() + " x " + format.rows());
            }
            return values(reader.readRaster(0, null), format);
        } catch (RuntimeException e) { // the decoder's own, for damaged data
            throw new IIOException(e.toString(), e);
        } finally {
            reader.dispose();
        }
    }

    static int[] values(Raster raster, PixelFormat format) throws IIOException {
        if (raster.getNumBands() != format.samples()) {
            throw new IIOException(raster.getNumBands() + " samples of a pixel instead of " + format.samples());
        }
        int[] values =
                raster.getPixels(raster.getMinX(), raster.getMinY(), format.columns(), format.rows(), (int[]) null);
        for (int k = 0; k < values.length; k++) {
            values[k] = NativePixels.stored(values[k], format);
        }
        return values;
    }

    private static int precision(byte[] frame) throws IIOException {
        return frame[header(frame) + 4] & 0xFF;
    }

    private static boolean lossless(byte[] frame) throws IIOException {
        return (frame[header(frame) + 1] & 0xFF) == 0xC3;
    }

    /** The place of the frame header, SOF0 to SOF15 (ITU-T T.81, B.2.2). */
    private static int header(byte[] frame) throws IIOException {
        int at = 2;
        while (at + 9 < frame.length && frame[at] == (byte) 0xFF) {
            int marker = frame[at + 1] & 0xFF;
            boolean header = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
            if (header) {
                return at;
            }
            at += marker == 0xFF ? 1 : 2 + ((frame[at + 2] & 0xFF) << 8 | (frame[at + 3] & 0xFF));
        }
        throw new IIOException("no frame header");
    }
}
