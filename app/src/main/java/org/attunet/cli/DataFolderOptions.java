package org.attunet.cli;

import java.nio.file.Path;
import org.attunet.dataset.DataFolders;
import org.attunet.dataset.DataSets;
import org.attunet.dataset.Mask;
import org.attunet.image.LabelMap;
import org.attunet.train.Run;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Options for a data set whose folders have other names than {@code images/} and {@code masks/}. */
final class DataFolderOptions {
    private static final String UNDECLARED = "undeclared";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--images",
            paramLabel = "DIR",
            description = "The folder of the images, whatever its name; together with --masks instead of DATA, or"
                    + " relative to it.")
    private @Nullable Path images;

    @Option(names = "--masks", paramLabel = "DIR", description = "The folder of their masks, matched by name.")
    private @Nullable Path masks;

    @Option(
            names = "--objects",
            description = "The masks number objects (label images, a folder of masks for each image, COCO, GeoJSON or"
                    + " ImageJ ROIs), even if they could hold structures.")
    private boolean objects;

    @Option(
            names = "--ignore",
            paramLabel = "VALUE",
            converter = Ignored.class,
            description = "The value of mask voxels without a judgement, which count nowhere: in loss, measures and"
                    + " fingerprint. So a few slices or scribbles of each image are enough. 'undeclared': every value"
                    + " that isn't a label of dataset.json, or of the model that is evaluated (default: the label"
                    + " 'ignore' of dataset.json; of a run's, that of its training).")
    private @Nullable Integer ignore;

    /** A value, or the word for all values that aren't declared. */
    private static final class Ignored implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            if (text.equals(UNDECLARED)) {
                return Mask.UNDECLARED;
            }
            try {
                int value = Integer.parseInt(text);
                return Math.max(0, value); // refused by its range
            } catch (NumberFormatException e) {
                throw new TypeConversionException("'" + text + "' is neither a value nor " + UNDECLARED);
            }
        }
    }

    /** How a value of voxels without a judgement is given and shown. */
    static String word(int ignored) {
        return ignored == Mask.UNDECLARED ? UNDECLARED : Integer.toString(ignored);
    }

    /** The value of voxels without a judgement; {@link LabelMap#NONE} if none is given, {@link Mask#UNDECLARED} for many. */
    int ignored() {
        OptionRange.check(
                "--ignore",
                ignore,
                n -> n == Mask.UNDECLARED || (n >= 1 && n <= 65535),
                "a value of the masks from 1 to 65535, or undeclared");
        return ignore == null ? LabelMap.NONE : ignore;
    }

    /**
     * The same, else that of the masks that a run was trained on.
     *
     * @param run null if there is none
     */
    int ignored(@Nullable Run run, @Nullable Path data) {
        return ignore != null || run == null ? ignored() : DataSets.usualIgnored(folders(data), run.ignored());
    }

    /** Whether masks are said to number objects. */
    boolean objects() {
        return objects;
    }

    /** Whether the folders are named. */
    boolean given() {
        return images != null && masks != null;
    }

    /**
     * The data set's folders.
     *
     * @param data the folder given as DATA; null if there is none
     * @throws ParameterException if DATA is missing, or one of the two folders
     */
    DataFolders folders(@Nullable Path data) {
        if ((images == null) != (masks == null)) {
            throw new ParameterException(spec.commandLine(), "--images and --masks belong together");
        }
        if (images != null && masks != null) {
            DataFolders named = data == null
                    ? DataFolders.of(images, masks)
                    : new DataFolders(data, data.resolve(images), data.resolve(masks));
            return named.ofObjects(objects);
        }
        if (data == null) {
            String label = spec.positionalParameters().get(0).paramLabel();
            throw new ParameterException(
                    spec.commandLine(), "Missing required parameter: '" + label + "' (or --images and --masks)");
        }
        return DataFolders.of(data).ofObjects(objects);
    }

    /** The words that give the same data set to another command. */
    String words(@Nullable Path data) {
        String first = data == null ? "" : data.toString();
        String named = given() ? (first + " --images " + images + " --masks " + masks).strip() : first;
        String counted = objects ? named + " --objects" : named;
        return ignore == null ? counted : counted + " --ignore " + word(ignore);
    }
}
