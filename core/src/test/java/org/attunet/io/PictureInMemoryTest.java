package org.attunet.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import org.attunet.error.AttunetException;
import org.attunet.image.Image;
import org.attunet.image.LengthUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What pictures in memory mean; the right colours are those of Java's own {@link BufferedImage#getRGB}. */
class PictureInMemoryTest {
    @ParameterizedTest
    @ValueSource(
            ints = {
                BufferedImage.TYPE_INT_RGB,
                BufferedImage.TYPE_INT_ARGB,
                BufferedImage.TYPE_INT_ARGB_PRE,
                BufferedImage.TYPE_INT_BGR,
                BufferedImage.TYPE_3BYTE_BGR,
                BufferedImage.TYPE_4BYTE_ABGR,
                BufferedImage.TYPE_4BYTE_ABGR_PRE,
                BufferedImage.TYPE_USHORT_565_RGB,
                BufferedImage.TYPE_USHORT_555_RGB,
                BufferedImage.TYPE_BYTE_INDEXED
            })
    void colours_are_red_green_and_blue_in_every_layout(int type) {
        BufferedImage whole = new BufferedImage(9, 7, type);
        for (int y = 0; y < 7; y++) {
            for (int x = 0; x < 9; x++) {
                whole.setRGB(x, y, new Color(x * 28, y * 40, 255 - x * 20, 128 + x * 14).getRGB());
            }
        }
        BufferedImage part = whole.getSubimage(2, 1, 5, 4);
        for (BufferedImage picture : new BufferedImage[] {whole, part}) {
            Image image = Images.of(picture);
            for (int i = 0; i < image.grid().voxels(); i++) {
                int rgb = picture.getRGB(i % picture.getWidth(), i / picture.getWidth());
                assertThat(image.channel(0)[i]).isEqualTo(rgb >> 16 & 255);
                assertThat(image.channel(1)[i]).isEqualTo(rgb >> 8 & 255);
                assertThat(image.channel(2)[i]).isEqualTo(rgb & 255);
            }
        }
    }

    @Test
    void grey_keeps_its_stored_values() {
        BufferedImage wide = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_GRAY);
        wide.getRaster().setSample(1, 0, 0, 40000);
        assertThat(Images.of(wide).channels()).isDeepEqualTo(new float[][] {{0, 40000}});
        BufferedImage bytes = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
        bytes.getRaster().setSample(1, 0, 0, 100);
        assertThat(Images.of(bytes).channels()).isDeepEqualTo(new float[][] {{0, 100}});
        BufferedImage bits = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_BINARY);
        bits.setRGB(1, 0, -1);
        assertThat(Images.of(bits).channels()).isDeepEqualTo(new float[][] {{0, 255}});
        Image sized = Images.of(wide).withSpacing(LengthUnit.MICROMETRE, 0.5, 0.25);
        assertThat(sized.grid()).hasToString("2 x 1 pixels of 0.5 x 0.25 µm");
    }

    private static BufferedImage ofFloats(ColorSpace space, float... values) {
        var model = new ComponentColorModel(space, false, false, 1, DataBuffer.TYPE_FLOAT);
        WritableRaster raster = model.createCompatibleWritableRaster(1, 1);
        raster.setPixel(0, 0, values);
        return new BufferedImage(model, raster, false, null);
    }

    @Test
    void floats_are_kept_and_other_colours_refused() {
        ColorSpace grey = ColorSpace.getInstance(ColorSpace.CS_GRAY);
        assertThat(Images.of(ofFloats(grey, -0.25f)).channel(0)).containsExactly(-0.25f);
        assertThatThrownBy(() -> Images.of(ofFloats(grey, Float.NaN))).hasMessageContaining("NaN");
        ColorSpace xyz = ColorSpace.getInstance(ColorSpace.CS_CIEXYZ);
        assertThatThrownBy(() -> Images.of(ofFloats(xyz, 0.1f, 0.2f, 0.3f)))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("colour space")
                .hasMessageContaining("convert the picture to RGB");
        assertThatThrownBy(() -> Images.of(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("ImageIO.read returns null");
    }

    @Test
    void a_number_beyond_the_palette_is_refused() {
        byte[] level = {0, (byte) 200};
        var model = new IndexColorModel(8, 2, level, level, level);
        WritableRaster raster = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 2, 1, 1, null);
        raster.setSample(1, 0, 0, 7);
        BufferedImage picture = new BufferedImage(model, raster, false, null);
        assertThatThrownBy(() -> Images.of(picture)).hasMessageContaining("colour number 7 of a palette of 2");
    }
}
