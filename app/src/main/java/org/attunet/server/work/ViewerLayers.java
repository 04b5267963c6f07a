package org.attunet.server.work;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.Images;
import org.attunet.predict.Segmentation;
import org.jspecify.annotations.Nullable;

/**
 * A segmentation as files that a viewer lays over each other, all of them NIfTI, whatever the input was: {@code
 * layer_image} (colours as RGB24), {@code layer_mask}, {@code layer_attention_GATE}, {@code layer_probability_LABEL}, {@code
 * layer_entropy}, {@code layer_mutual_information}. Maps from 0 to 1 are whole numbers from 0 to 255.
 *
 * <p>Pictures have rows from top to bottom, the world's y axis points upwards: their layers lie mirrored in it.
 */
final class ViewerLayers {
    private final Path folder;
    private final Grid grid;
    private final List<Path> written = new ArrayList<>();

    private ViewerLayers(Path folder, Grid grid) {
        this.folder = folder;
        this.grid = grid;
    }

    /** Writes them into a folder; {@code picture} says that the image has no place in the world. */
    static List<Path> write(Image image, Segmentation result, LabelSet labels, boolean picture, Path folder) {
        var layers = new ViewerLayers(folder, picture ? upright(image.grid()) : image.grid());
        layers.image(image);
        layers.put("mask", new LabelMap(layers.grid, result.labels().voxels()));
        for (Map.Entry<String, Image> gate : result.attention().entrySet()) {
            layers.map("attention_" + gate.getKey().replaceAll("[^A-Za-z0-9._-]", "-"), gate.getValue(), 0);
        }
        Image probabilities = result.probabilities();
        if (probabilities != null) {
            int background = probabilities.channels().length - labels.size(); // 0 where a sigmoid tells the label alone
            for (int k = 0; k < labels.size(); k++) {
                layers.map("probability_" + labels.values().get(k), probabilities, k + background);
            }
        }
        layers.map("entropy", result.entropy(), 0);
        layers.map("mutual_information", result.mutualInformation(), 0);
        return layers.written;
    }

    private static Grid upright(Grid grid) {
        double[][] affine = grid.affine();
        for (int axis = 0; axis < 4; axis++) {
            affine[1][axis] = -affine[1][axis];
        }
        return Grid.ofAffine(grid.size(), affine);
    }

    private void image(Image image) {
        Path file = file("image");
        if (image.channels().length == 3) {
            Images.writeColours(new Image(grid, image.channels()), file);
        } else {
            Images.write(Image.of(grid, image.channel(0)), file);
        }
        written.add(file);
    }

    private void map(String name, @Nullable Image map, int channel) {
        if (map == null) {
            return;
        }
        float[] values = map.channel(channel);
        short[] bytes = new short[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (short) Math.round(255 * Math.max(0, Math.min(1, values[i])));
        }
        put(name, new LabelMap(grid, bytes));
    }

    private void put(String name, LabelMap values) {
        Path file = file(name);
        Images.write(values, file);
        written.add(file);
    }

    private Path file(String name) {
        return folder.resolve("layer_" + name + ".nii.gz");
    }
}
