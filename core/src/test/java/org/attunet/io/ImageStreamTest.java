package org.attunet.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ImageStreamTest {
    private static byte[] written(LabelMap labels, ImageFormat format) {
        var bytes = new ByteArrayOutputStream();
        Images.write(labels, bytes, format);
        return bytes.toByteArray();
    }

    private static InputStream in(byte[] bytes) {
        return new ByteArrayInputStream(bytes);
    }

    private static LabelMap mask() {
        short[] voxels = new short[30];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = (short) (i * 7 % 5);
        }
        return new LabelMap(Grid.ofPixels(6, 5), voxels);
    }

    @ParameterizedTest
    @EnumSource(names = "JPEG", mode = EnumSource.Mode.EXCLUDE)
    void what_is_written_to_a_stream_is_read_from_one(ImageFormat format) {
        byte[] bytes = written(mask(), format);
        assertThat(Images.readLabels(in(bytes), format).voxels()).containsExactly(mask().voxels());
        Image image = Images.read(in(bytes), format);
        assertThat(image.channel(0)[1]).isEqualTo(2);
        byte[] half = Arrays.copyOf(bytes, bytes.length - 20);
        assertThatThrownBy(() -> Images.read(in(half), format))
                .isInstanceOf(AttunetException.class)
                .hasMessageStartingWith("stream: ");
        ImageFormat other = format == ImageFormat.TIFF ? ImageFormat.PNG : ImageFormat.TIFF;
        assertThatThrownBy(() -> Images.read(in(bytes), other)).hasMessageContaining("stream: it is ");
    }

    @Test
    void a_stream_without_an_end_and_one_that_breaks_are_refused() {
        var endless = new InputStream() {
            long given;

            @Override
            public int read() {
                return 0;
            }

            @Override
            public int read(byte[] bytes, int from, int length) {
                given += length;
                return length;
            }
        };
        assertThatThrownBy(() -> ImageStream.read(endless, ImageFormat.PNG, 1 << 20, Images::read))
                .hasMessageStartingWith("stream: more than 1048576 bytes");
        assertThat(endless.given).isLessThan(2 << 20);
        var broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("connection reset");
            }

            @Override
            public int read(byte[] bytes, int from, int length) throws IOException {
                return read();
            }
        };
        assertThatThrownBy(() -> Images.read(broken, ImageFormat.PNG))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("connection reset");
        assertThatThrownBy(() -> Images.read(in(new byte[0]), ImageFormat.NIFTI))
                .isInstanceOf(AttunetException.class)
                .hasMessageStartingWith("stream: ");
        assertThatThrownBy(() -> written(mask(), ImageFormat.JPEG)).hasMessageStartingWith("stream: JPEG changes");
    }
}
