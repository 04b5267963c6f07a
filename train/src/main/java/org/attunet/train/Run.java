package org.attunet.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.attunet.bundle.KeepLargest;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.TrainingProfile;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.Mask;
import org.attunet.dataset.Split;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.LabelMap;
import org.attunet.io.Json;
import org.attunet.io.JsonFile;
import org.attunet.io.PixelSize;
import org.attunet.io.ProcessLock;
import org.attunet.io.WholeFile;
import org.attunet.objects.ObjectSettings;
import org.attunet.plan.Plan;
import org.attunet.plan.TrainingConfig;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.torch.TorchNetwork;
import org.attunet.weights.NetworkWeights;
import org.attunet.weights.TorchFile;
import org.jspecify.annotations.Nullable;

/**
 * A run folder: a model as training or an import leaves it.
 *
 * <p>{@code model.json} describes the model, {@code weights.pt} holds the best weights under PyTorch's names. A
 * training also leaves {@code plan.yaml}, {@code training.json}, {@code split.json}, {@code summary.json}, {@code last.ckpt}, {@code history.csv} and event files
 * for TensorBoard.
 */
public final class Run {
    private final Path folder;
    private final @Nullable Plan plan;

    private Run(Path folder, @Nullable Plan plan) {
        this.folder = folder;
        this.plan = plan;
    }

    /** The same run; when its training begins, it writes the plan beside the settings. */
    public Run planned(Plan other) {
        return new Run(folder, other);
    }

    /** A run in a folder, which is created if it doesn't exist. */
    public static Run create(Path folder) {
        return new Run(WholeFile.makeFolder(folder), null);
    }

    /**
     * Locks the folder, so that no other process trains or imports there until the lock is closed or this process ends,
     * however it ends.
     *
     * @throws AttunetException if another has locked it, or it can't be written
     */
    public ProcessLock lock() {
        Path file = folder.resolve(".run.lock");
        try {
            ProcessLock lock = ProcessLock.take(file, false);
            if (lock != null) {
                return lock;
            }
        } catch (IOException e) {
            throw new AttunetException(
                    folder.toString(),
                    "it can't be written (" + e + ")",
                    "a writable folder",
                    "change its permissions, or choose another folder",
                    e);
        }
        throw new AttunetException(
                folder,
                ProcessLock.holder(file) + " is working in it",
                "a folder in which no other training or import runs",
                "wait for the other one or stop it, or choose another folder");
    }

    /** Opens a run that holds a model. */
    public static Run open(Path folder) {
        var run = new Run(folder, null);
        if (!Files.isRegularFile(run.model())) {
            throw new AttunetException(
                    folder,
                    Files.exists(folder) ? "no model.json is there" : "it doesn't exist",
                    "a run folder, as 'attunet train' or 'attunet import' leaves it",
                    "give the folder that was named with -o");
        }
        if (!Files.isRegularFile(run.weights())) {
            throw new AttunetException(
                    folder,
                    "no weights.pt is there",
                    "a run whose training has been validated once or more",
                    "resume the training with 'attunet train DATA -o " + folder + " --resume'");
        }
        return run;
    }

    /** The folder. */
    public Path folder() {
        return folder;
    }

    /** The model's description. */
    public Path model() {
        return folder.resolve("model.json");
    }

    /** The best weights so far. */
    public Path weights() {
        return folder.resolve("weights.pt");
    }

    /** The state from which training resumes. */
    public Path checkpoint() {
        return folder.resolve("last.ckpt");
    }

    /** The state that a failing training goes back to: that of its last validation, or of its start. */
    Path lastGood() {
        return folder.resolve("good.ckpt");
    }

    /** How open the gates were inside and outside the target at each validation. */
    public Path attention() {
        return folder.resolve("attention.csv");
    }

    /** The split of the cases. */
    public Path split() {
        return folder.resolve("split.json");
    }

    /** The settings of the training. */
    public Path training() {
        return folder.resolve("training.json");
    }

    /** The plan of the training; runs of older versions have none. */
    public Path plan() {
        return folder.resolve("plan.yaml");
    }

    /** The training's actual cost beside the expected one. */
    public Path summary() {
        return folder.resolve("summary.json");
    }

    /** The transfer from another model, if the training started from one. */
    public Path takenOver() {
        return folder.resolve("from.json");
    }

    /** Content hashes of the cases that have shaped the weights: those of the training and of what it started from. */
    public Set<String> seen() {
        Set<String> seen = new TreeSet<>(seenBefore());
        Split own = Split.read(split());
        Stream.concat(own.train().stream(), own.validation().stream())
                .flatMap(id -> Stream.ofNullable(own.hashes().get(id)))
                .forEach(seen::add);
        return seen;
    }

    /** Content hashes of the cases that had shaped the weights that the training started from, as far as is known. */
    public Set<String> seenBefore() {
        Set<String> seen = new TreeSet<>();
        if (Files.exists(takenOver())) {
            JsonFile.read(takenOver(), "the transfer from another model")
                    .path("seen")
                    .forEach(hash -> seen.add(hash.asText()));
        }
        return seen;
    }

    /** The history of the training. */
    public Path history() {
        return folder.resolve("history.csv");
    }

    private Path pixelSizeFile() {
        return folder.resolve("pixel_size.json");
    }

    private Path ignoredFile() {
        return folder.resolve("ignored.json");
    }

    /** The value of voxels without a judgement in the masks of the training; {@link LabelMap#NONE} if all were judged. */
    public int ignored() {
        return Files.exists(ignoredFile())
                ? JsonFile.read(ignoredFile(), "the value of voxels without a judgement")
                        .path("ignored")
                        .asInt(LabelMap.NONE)
                : LabelMap.NONE;
    }

    private static String word(int ignored) {
        return ignored == Mask.UNDECLARED ? "undeclared" : Integer.toString(ignored);
    }

    /**
     * Checks that a data set was opened as it was when the training began: with its pixel size and its value of voxels
     * without a judgement.
     *
     * @throws AttunetException if it was opened with another, or only one of the two has one
     */
    public void requireReading(DataSet data) {
        int ignored = ignored();
        if (data.ignored() != ignored) {
            throw new AttunetException(
                    folder,
                    ignored == LabelMap.NONE
                            ? "the training began with all voxels of the masks judged"
                            : "the training began with " + word(ignored)
                                    + " as the value of voxels without a judgement",
                    data.ignored() == LabelMap.NONE
                            ? "the same now, but there is none"
                            : "the same now, but it is " + word(data.ignored()),
                    ignored == LabelMap.NONE ? "leave out --ignore" : "give --ignore " + word(ignored));
        }
        String began = Files.exists(pixelSizeFile())
                ? JsonFile.read(pixelSizeFile(), "the pixel size of a training")
                        .path("pixel_size")
                        .asText()
                : "none";
        String given = data.pixelSize() == null ? "none" : data.pixelSize().toString();
        if (!began.equals(given)) {
            throw new AttunetException(
                    folder,
                    "the training began with " + (began.equals("none") ? "no pixel size" : "the pixel size " + began),
                    given.equals("none")
                            ? "the same now, but none is given"
                            : "the same now, but " + given + " is given",
                    began.equals("none") ? "leave out --pixel-size" : "give --pixel-size " + began);
        }
    }

    /** Writes what fixes a training before its first step; training.json last, so that its presence means that all are there. */
    void begin(ModelDescription model, TrainingConfig config, Split split, @Nullable PixelSize pixelSize, int ignored) {
        if (pixelSize != null) {
            JsonFile.write(pixelSizeFile(), Json.OWN.createObjectNode().put("pixel_size", pixelSize.toString()));
        }
        if (ignored != LabelMap.NONE) {
            JsonFile.write(ignoredFile(), Json.OWN.createObjectNode().put("ignored", ignored));
        }
        if (plan != null) {
            plan.write(plan());
        }
        model.write(model());
        split.write(split());
        JsonFile.write(training(), config.toTree());
    }

    /** Reads the settings of the training. */
    public TrainingConfig config() {
        try {
            return TrainingConfig.ofTree(Json.OWN.readTree(Files.readAllBytes(training())));
        } catch (IOException | ConfigException e) {
            // A value out of range comes as the cause; Jackson's own message goes over several lines.
            String reason = e.getCause() instanceof AttunetException range
                    ? range.subject() + ": " + range.found() + ", not " + range.expected()
                    : e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
            throw new AttunetException(
                    training().toString(),
                    "can't be read (" + reason + ")",
                    "the settings of a training",
                    "start a new training in another folder",
                    e);
        }
    }

    /**
     * A segmenter with the trained model; to be closed.
     *
     * @param device "cpu" or "cuda"
     */
    public Segmenter segmenter(SegmenterOptions options, String device) {
        ModelDescription model = ModelDescription.read(model());
        KeepLargest keep = keepLargest(); // before the network, which a failure would leave open
        TrainingProfile profile = profile();
        ObjectSettings objects = objects();
        return Segmenter.of(TorchEngine.owning(network(device), device), model, options)
                .withKeepLargest(keep)
                .withObjects(objects)
                .withProfile(profile);
    }

    /** The labels whose largest component alone is kept, from {@code prediction.json}; none without the file. */
    public KeepLargest keepLargest() {
        Path file = folder.resolve("prediction.json");
        if (!Files.exists(file)) {
            return KeepLargest.NONE;
        }
        JsonNode keep = JsonFile.read(file, "what is done with predictions").path("keep_largest");
        List<Integer> labels = new ArrayList<>();
        keep.path("labels").forEach(label -> labels.add(label.asInt(-1)));
        try {
            return new KeepLargest(keep.path("union").asBoolean(), labels);
        } catch (ConfigException e) {
            throw new AttunetException(
                    file.toString(), "keep_largest names " + e.found(), e.expected(), "delete the file", e);
        }
    }

    /** How objects are found in the outputs, from {@code objects.json}; null without the file. */
    public @Nullable ObjectSettings objects() {
        Path file = folder.resolve("objects.json");
        if (!Files.exists(file)) {
            return null;
        }
        try {
            return Json.OWN.treeToValue(JsonFile.read(file, "how objects are found"), ObjectSettings.class);
        } catch (IOException | ConfigException e) {
            throw new AttunetException(
                    file.toString(),
                    "not the thresholds of objects (" + e.getMessage() + ")",
                    "foreground, seed, smallest and unseeded",
                    "train again",
                    e);
        }
    }

    /** Writes {@code objects.json}. */
    void write(ObjectSettings objects) {
        JsonFile.write(folder.resolve("objects.json"), Json.OWN.valueToTree(objects));
    }

    /** Writes {@code prediction.json}. */
    void write(KeepLargest keep) {
        ObjectNode json = Json.OWN.createObjectNode();
        json.set("keep_largest", Json.OWN.valueToTree(keep));
        JsonFile.write(folder.resolve("prediction.json"), json);
    }

    /** What the model keeps of its training cases, from {@code profile.json}; null without the file, as in older runs. */
    public @Nullable TrainingProfile profile() {
        if (!Files.exists(profileFile())) {
            return null;
        }
        try {
            return Json.OWN.readValue(profileFile().toFile(), TrainingProfile.class);
        } catch (IOException e) {
            throw new AttunetException(
                    profileFile().toString(),
                    "can't be read ("
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse("") + ")",
                    "what a training has measured on its cases",
                    "delete the file; images are then not compared with the training cases",
                    e);
        }
    }

    private Path profileFile() {
        return folder.resolve("profile.json");
    }

    /** Writes {@code profile.json}. */
    void write(TrainingProfile profile) {
        JsonFile.write(profileFile(), Json.OWN.valueToTree(profile));
    }

    /** The trained network, owned by the caller. */
    public TorchNetwork network(String device) {
        TorchNetwork network = TorchNetwork.create(
                ModelDescription.read(model()).network(), 0, new org.bytedeco.pytorch.Device(device));
        try {
            NetworkWeights.load(network, TorchFile.read(weights()), weights().toString());
            return network;
        } catch (RuntimeException e) {
            network.close();
            throw e;
        }
    }
}
