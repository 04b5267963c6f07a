package org.attunet.dicom.pixel;

import com.github.jaiimageio.jpeg2000.impl.J2KImageReader;
import com.github.jaiimageio.jpeg2000.impl.J2KImageReaderSpi;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import javax.imageio.IIOException;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.attunet.dicom.data.PixelFormat;

/**
 * Stored values of JPEG 2000 frames (ITU-T T.800), by jai-imageio-jpeg2000, which is an optional dependency: without it, this
 * class can't be loaded.
 *
 * <p>Its reader is made here, not looked up: the readers that its companion registers with Image I/O are not used.
 */
final class Jpeg2000Pixels {
    private static final int SOC = 0xFF4F;
    private static final int SIZ = 0xFF51;

    /** The bytes that boxes before a codestream may take. */
    private static final int BOXES = 1 << 16;

    private Jpeg2000Pixels() {}

    static int[] values(byte[] bytes, PixelFormat format) throws IOException {
        byte[] frame = codestream(bytes);
        requireSize(frame, format);
        J2KImageReader reader = new J2KImageReader(new J2KImageReaderSpi());
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(frame))) {
            reader.setInput(in, true, true);
            return JpegPixels.values(reader.readRaster(0, null), format);
        } catch (RuntimeException e) { // the decoder's own, for damaged data
            throw new IIOException(e.toString(), e);
        } finally {
            reader.dispose();
        }
    }

    /** The codestream itself, of which some writers leave the boxes of a JP2 file around it. */
    private static byte[] codestream(byte[] bytes) throws IIOException {
        for (int at = 0; at < Math.min(BOXES, bytes.length - 4); at++) {
            if (word(bytes, at) == SOC && word(bytes, at + 2) == SIZ) {
                return at == 0 ? bytes : Arrays.copyOfRange(bytes, at, bytes.length);
            }
        }
        throw new IIOException("no JPEG 2000 codestream");
    }

    /** Refuses a frame of another size before anything is allocated for it (T.800, A.5.1). */
    private static void requireSize(byte[] frame, PixelFormat format) throws IIOException {
        if (frame.length < 42) {
            throw new IIOException("a cut off codestream");
        }
        long width = number(frame, 8) - number(frame, 16);
        long height = number(frame, 12) - number(frame, 20);
        int samples = word(frame, 40);
        if (width != format.columns() || height != format.rows() || samples != format.samples()) {
            throw new IIOException("a frame of " + width + " x " + height + " with " + samples
                    + " samples a pixel instead of " + format.columns() + " x " + format.rows() + " with "
                    + format.samples());
        }
    }

    private static long number(byte[] bytes, int at) {
        return ((long) word(bytes, at) << 16) | word(bytes, at + 2);
    }

    private static int word(byte[] bytes, int at) {
        return ((bytes[at] & 0xFF) << 8) | (bytes[at + 1] & 0xFF);
    }
}
