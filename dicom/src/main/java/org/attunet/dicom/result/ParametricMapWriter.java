package org.attunet.dicom.result;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomWriter;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Vr;
import org.attunet.dicom.series.Series;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;
import org.attunet.image.Image;

/**
 * Writes maps of numbers, such as attention or uncertainty, as DICOM parametric maps of floating-point numbers (PS3.3, A.75 and
 * C.8.32).
 *
 * <p>Thread-safe.
 */
public final class ParametricMapWriter {
    private static final int CONTENT_QUALIFICATION = 0x0018_9004;
    private static final int BURNED_IN_ANNOTATION = 0x0028_0301;
    private static final int RECOGNIZABLE_VISUAL_FEATURES = 0x0028_0302;
    private static final int WINDOW_CENTER = 0x0028_1050;
    private static final int WINDOW_WIDTH = 0x0028_1051;
    private static final int VOI_LUT_FUNCTION = 0x0028_1056;
    private static final int RESCALE_TYPE = 0x0028_1054;
    private static final int LUT_EXPLANATION = 0x0028_3003;
    private static final int FRAME_VOI_LUT_SEQUENCE = 0x0028_9132;
    private static final int ACQUISITION_CONTEXT_SEQUENCE = 0x0040_0555;
    private static final int MEASUREMENT_UNITS_CODE_SEQUENCE = 0x0040_08EA;
    private static final int PARAMETRIC_MAP_FRAME_TYPE_SEQUENCE = 0x0040_9092;
    private static final int REAL_WORLD_VALUE_MAPPING_SEQUENCE = 0x0040_9096;
    private static final int LUT_LABEL = 0x0040_9210;
    private static final int LAST_VALUE_MAPPED = 0x0040_9213;
    private static final int FIRST_VALUE_MAPPED = 0x0040_9214;
    private static final int REAL_WORLD_VALUE_INTERCEPT = 0x0040_9224;
    private static final int REAL_WORLD_VALUE_SLOPE = 0x0040_9225;
    private static final int PRESENTATION_LUT_SHAPE = 0x2050_0020;
    private static final String[] TYPE = {"DERIVED", "PRIMARY", "VOLUME", "NONE"};

    private ParametricMapWriter() {}

    /**
     * Writes a map.
     *
     * @param target the file, written whole or not at all
     * @param series what it is a map of
     * @param map one channel of finite numbers on the series' grid, without unit
     * @param name what it shows, such as attention
     * @param algorithm what made it
     * @throws AttunetException if it lies elsewhere, isn't finite or has several channels, or the file can't be written
     */
    public static void write(Path target, Series series, Image map, String name, Algorithm algorithm) {
        if (map.channels().length != 1) {
            throw new AttunetException(
                    target, map.channels().length + " channels", "a map of one", "write the channels one by one");
        }
        map.requireFinite(name);
        Planes planes = Planes.ofVolume(target, series, map.grid());
        int length = WholeStack.length(target, planes, Float.BYTES);
        float least = Float.POSITIVE_INFINITY;
        float most = Float.NEGATIVE_INFINITY;
        ByteBuffer pixels = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        for (int plane = 0; plane < planes.size(); plane++) {
            Interruption.check();
            for (int voxel : series.voxels(plane)) {
                float value = voxel < 0 ? 0 : map.channel(0)[voxel];
                least = Math.min(least, value);
                most = Math.max(most, value);
                pixels.putFloat(value);
            }
        }
        DataSet set = elements(planes, Texts.line(name, "map"), algorithm, least, most);
        set.put(Tag.FLOAT_PIXEL_DATA, Vr.OF, pixels.array());
        DicomWriter.write(target, set);
    }

    private static DataSet elements(Planes planes, String name, Algorithm algorithm, float least, float most) {
        DataSet set = WholeStack.elements(planes, ResultKind.PARAMETRIC_MAP, algorithm, 32, 1);
        putGroups(set.items(Tag.SHARED_FUNCTIONAL_GROUPS_SEQUENCE).get(0), name, least, most);
        List<DataSet> frames = set.items(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
        for (int plane = 0; plane < frames.size(); plane++) {
            DataSet content = new DataSet();
            content.put(ResultTag.DIMENSION_INDEX_VALUES, Vr.UL, plane + 1);
            frames.get(plane).put(Tag.FRAME_CONTENT_SEQUENCE, List.of(content));
            SourceImages.putDerivation(frames.get(plane), planes.slice(plane));
        }
        Dimensions.put(set, false, true);
        for (int unused : new int[] {Tag.BITS_STORED, Tag.HIGH_BIT, Tag.PIXEL_REPRESENTATION}) {
            set.remove(unused); // of whole numbers only
        }
        set.put(Tag.IMAGE_TYPE, Vr.CS, TYPE);
        set.put(Tag.SERIES_DESCRIPTION, Vr.LO, Texts.line(name + " by " + algorithm.line()));
        set.put(ResultTag.LATERALITY, Vr.CS, new String[0]);
        set.put(CONTENT_QUALIFICATION, Vr.CS, "RESEARCH");
        set.put(BURNED_IN_ANNOTATION, Vr.CS, "NO");
        set.put(RECOGNIZABLE_VISUAL_FEATURES, Vr.CS, "NO");
        set.put(PRESENTATION_LUT_SHAPE, Vr.CS, "IDENTITY");
        set.put(ACQUISITION_CONTEXT_SEQUENCE, List.of());
        set.put(ResultTag.CONTENT_LABEL, Vr.CS, "MAP");
        set.put(ResultTag.CONTENT_DESCRIPTION, Vr.LO, name);
        set.put(ResultTag.CONTENT_CREATOR_NAME, Vr.PN, new String[0]);
        return set;
    }

    private static void putGroups(DataSet groups, String name, float least, float most) {
        DataSet type = new DataSet();
        type.put(Tag.FRAME_TYPE, Vr.CS, TYPE);
        DataSet identity = new DataSet();
        identity.put(Tag.RESCALE_INTERCEPT, Vr.DS, 0);
        identity.put(Tag.RESCALE_SLOPE, Vr.DS, 1);
        identity.put(RESCALE_TYPE, Vr.LO, "US");
        DataSet window = new DataSet();
        window.put(WINDOW_CENTER, Vr.DS, (least + most) / 2.0);
        window.put(WINDOW_WIDTH, Vr.DS, most > least ? (double) most - least : 1);
        window.put(VOI_LUT_FUNCTION, Vr.CS, "LINEAR_EXACT"); // the only linear one that may be narrower than 1
        DataSet values = new DataSet();
        values.put(LUT_EXPLANATION, Vr.LO, name);
        values.put(
                LUT_LABEL, Vr.SH, name.substring(0, Math.min(16, name.length())).strip());
        values.put(MEASUREMENT_UNITS_CODE_SEQUENCE, new Code("UCUM", "1", "no units").items());
        values.put(FIRST_VALUE_MAPPED, Vr.FD, least);
        values.put(LAST_VALUE_MAPPED, Vr.FD, most);
        values.put(REAL_WORLD_VALUE_INTERCEPT, Vr.FD, 0);
        values.put(REAL_WORLD_VALUE_SLOPE, Vr.FD, 1);
        groups.put(PARAMETRIC_MAP_FRAME_TYPE_SEQUENCE, List.of(type));
        groups.put(Tag.PIXEL_VALUE_TRANSFORMATION_SEQUENCE, List.of(identity));
        groups.put(FRAME_VOI_LUT_SEQUENCE, List.of(window));
        groups.put(REAL_WORLD_VALUE_MAPPING_SEQUENCE, List.of(values));
    }
}
