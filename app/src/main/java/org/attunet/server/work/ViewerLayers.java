package org.attunet.server.work;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.Images;
import org.attunet.io.WholeNumbers;
import org.attunet.predict.ResultFiles;
import org.attunet.predict.Segmentation;
import org.jspecify.annotations.Nullable;

/**
 * A segmentation as NIfTI files that a viewer overlays, whatever the input's format: {@code layer_image} (colours as RGB24),
 * {@code layer_mask}, {@code layer_attention_GATE}, {@code layer_probability_LABEL}, {@code layer_entropy}, {@code
 * layer_mutual_information}, {@code layer_objects} with the numbers of objects. Maps from 0 to 1 are integers from 0 to 255. Where
 * labels overlap, the mask has the value of the last one.
 *
 * <p>The rows of pictures go from top to bottom while the world's y axis points up, so their layers are mirrored.
 */
record ViewerLayers(Path folder, Grid grid, List<Path> written) {
    /**
     * Writes the layers into a folder and returns their files.
     *
     * @param picture whether the image has no place in the world
     */
    static List<Path> write(
            Image image, Segmentation result, @Nullable CaseObjects objects, boolean picture, Path folder) {
        LabelSet labels = result.labelSet();
        var layers = new ViewerLayers(folder, picture ? mirrored(image.grid()) : image.grid(), new ArrayList<>());
        layers.writeImage(image.channels());
        layers.writeLabels("mask", labels.inClassOrder(result.labels()).voxels());
        if (objects != null) {
            new WholeNumbers(layers.grid, objects.map().numbers()).write(layers.file("objects"));
        }
        result.attention().forEach((gate, map) -> layers.writeMap(ResultFiles.attentionName(gate), map, 0));
        Image probabilities = result.probabilities();
        if (probabilities != null) {
            int background = probabilities.channels().length - labels.size(); // 0 with a sigmoid for one label
            for (int k = 0; k < labels.size(); k++) {
                layers.writeMap("probability_" + labels.values().get(k), probabilities, k + background);
            }
        }
        layers.writeMap("entropy", result.entropy(), 0);
        layers.writeMap("mutual_information", result.mutualInformation(), 0);
        return layers.written;
    }

    private static Grid mirrored(Grid grid) {
        double[][] affine = grid.affine();
        for (int axis = 0; axis < 4; axis++) {
            affine[1][axis] = -affine[1][axis];
        }
        return grid.with(grid.size(), affine);
    }

    private void writeImage(float[][] channels) {
        if (channels.length == 3) {
            Images.writeColours(new Image(grid, channels), file("image"));
        } else {
            Images.write(Image.of(grid, channels[0]), file("image"));
        }
    }

    private void writeMap(String name, @Nullable Image map, int channel) {
        if (map != null) {
            float[] values = map.channel(channel);
            short[] bytes = new short[values.length];
            for (int i = 0; i < values.length; i++) {
                bytes[i] = (short) Math.round(255 * Math.max(0, Math.min(1, values[i])));
            }
            writeLabels(name, bytes);
        }
    }

    private void writeLabels(String name, short[] values) {
        Images.write(new LabelMap(grid, values), file(name));
    }

    private Path file(String name) {
        Path file = folder.resolve("layer_" + name + ".nii.gz");
        written.add(file);
        return file;
    }
}
