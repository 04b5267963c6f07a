package org.attunet.server.monai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.Images;
import org.attunet.io.WholeFile;
import org.attunet.server.http.HttpFailure;

/**
 * Images with the labels that clients save for them: a data set that {@code attunet train} can read once an image has a
 * label. {@link DataStoreFolder} describes the files.
 *
 * <p>Labels tagged {@code final} are the data set's masks, listed in {@code dataset.json}; all others are beside it and not
 * used for training. If a client's label replaces a mask that came with the folder, that mask is kept under the tag {@code
 * before} and restored when the client's label is deleted.
 *
 * <p>Thread-safe. Readers see one consistent state and never wait for a writer.
 */
final class DataStore {
    /** The tag of labels that are used for training. */
    static final String FINAL = DataStoreFolder.FINAL;

    private static final String BEFORE = "before";
    private static final int LONGEST_ID = 1000;

    private final DataStoreFolder folder;
    private final LabelSet labels;
    private final VolumeUploads uploads;
    private final Consumer<String> log;
    private volatile Map<String, StoredImage> images = Map.of();

    private DataStore(DataStoreFolder folder, LabelSet labels, VolumeUploads uploads, Consumer<String> log) {
        this.folder = folder;
        this.labels = labels;
        this.uploads = uploads;
        this.log = log;
    }

    /**
     * Opens a store, or creates one.
     *
     * @param usual the labels of masks if no {@code dataset.json} declares any
     * @param uploads compares images
     * @param log receives sentences that hold nothing of the clients'
     * @throws AttunetException if its index or {@code dataset.json} is damaged; then nothing is changed
     */
    static DataStore open(Path root, LabelSet usual, VolumeUploads uploads, Consumer<String> log) {
        DataStoreFolder folder = DataStoreFolder.open(root);
        DatasetFile dataset = DatasetFile.in(folder.root(), usual);
        LabelSet declared = dataset.labels();
        var store = new DataStore(folder, declared == null ? usual : declared, uploads, log);
        store.images = Collections.unmodifiableMap(folder.load(dataset, log));
        store.updateDataset();
        long labelled = store.images().stream()
                .filter(image -> image.labels().containsKey(FINAL))
                .count();
        log.accept("the data store has " + store.images.size() + " images, " + labelled + " with labels");
        return store;
    }

    /** Returns the labels that masks may hold. */
    LabelSet labels() {
        return labels;
    }

    /** Returns all images, in the order in which they were added. */
    List<StoredImage> images() {
        return List.copyOf(images.values());
    }

    /** Returns an image, or throws 404. */
    StoredImage get(String id) {
        return Optional.ofNullable(images.get(id))
                .orElseThrow(() -> HttpFailure.notFound(
                        "image of that id in the data store", "GET /datastore/?output=all lists the ids"));
    }

    /** Returns an image's label of a tag, or throws 404. */
    StoredImage.Label label(String id, String tag) {
        return Optional.ofNullable(get(id).labels().get(tag))
                .orElseThrow(() -> HttpFailure.notFound(
                        "label of that tag for that image", "GET /datastore/?output=all lists the tags"));
    }

    Path path(String file) {
        return folder.path(file);
    }

    /**
     * Adds an image that was read and found valid. The same image under the same id changes nothing; another image under a
     * used id is refused with 409.
     *
     * @param id any text of 1 to 1000 characters
     * @param staged the file, which is copied
     * @param info the client's parameters
     */
    void add(String id, Path staged, ObjectNode info) {
        if (id.isBlank()) {
            throw HttpFailure.unsuitable("the image's id is blank", "1 to " + LONGEST_ID + " characters");
        }
        if (id.length() > LONGEST_ID) {
            throw HttpFailure.tooLarge("the image's id has " + id.length() + " characters", "at most " + LONGEST_ID);
        }
        while (!contains(id, staged)) {
            String file = folder.newImageFile(Images.suffix(staged));
            Path hidden = folder.hidden(file);
            try {
                WholeFile.write(hidden, out -> Files.copy(staged, out));
                if (putNew(new StoredImage(id, file, true, stamped(info), new TreeMap<>()), hidden)) {
                    return;
                }
            } finally {
                WholeFile.delete(hidden);
            }
        }
    }

    private static ObjectNode stamped(ObjectNode info) {
        return info.put("ts", Instant.now().getEpochSecond());
    }

    /** Whether the same image has this id already; 409 if another one has it. Reads voxels, so never under the lock. */
    private boolean contains(String id, Path staged) {
        StoredImage found = images.get(id);
        if (found == null || uploads.same(folder.path(found.file()), staged)) {
            return found != null;
        }
        throw new HttpFailure(
                409, "another image has this id in the data store; choose another name, or delete that image first");
    }

    /** Adds an image unless its id was taken meanwhile; returns whether it did. */
    private synchronized boolean putNew(StoredImage image, Path hidden) {
        boolean isNew = !images.containsKey(image.id());
        if (isNew) {
            put(image, () -> folder.show(hidden, image.file()));
        }
        return isNew;
    }

    /**
     * Saves a label, replacing one of the same tag.
     *
     * @param image as it was when the mask was checked against it; 409 if it was replaced meanwhile
     * @param tag any but {@code before}, which is reserved for the data set's own masks
     * @param mask on the image's grid, with declared labels only
     */
    void save(StoredImage image, String tag, LabelMap mask, ObjectNode info) {
        if (!tag.matches("[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")) {
            throw HttpFailure.unsuitable("the tag is invalid", "1 to 64 letters, digits, '.', '_' or '-'");
        }
        if (tag.equalsIgnoreCase(BEFORE)) { // some file systems ignore case
            throw HttpFailure.unsuitable(
                    "the tag " + BEFORE + " is that of the data set's own masks", "another, such as v2");
        }
        String file = folder.labelFile(image, tag);
        Path hidden = folder.hidden(file);
        try {
            Images.write(mask, hidden);
            synchronized (this) {
                keepOriginal(unchanged(image), tag);
                var label = new StoredImage.Label(file, true, stamped(info));
                put(unchanged(image).with(tag, label), () -> folder.show(hidden, file));
                updateDataset();
            }
        } finally {
            WholeFile.delete(hidden);
        }
    }

    /** Returns an image with its current labels. */
    private StoredImage unchanged(StoredImage image) {
        StoredImage now = images.get(image.id());
        if (now == null || !now.file().equals(image.file())) {
            throw new HttpFailure(409, "the image was replaced or removed meanwhile; fetch it again");
        }
        return now;
    }

    /** Copies a mask that came with the folder before a client's label replaces it. */
    private void keepOriginal(StoredImage image, String tag) {
        StoredImage.Label label = image.labels().get(tag);
        if (label == null
                || label.saved()
                || !tag.equals(FINAL)
                || image.labels().containsKey(BEFORE)) {
            return;
        }
        String file = folder.keptFile(image, BEFORE, label);
        put(
                image.with(BEFORE, new StoredImage.Label(file, false, label.info())),
                () -> folder.copy(label.file(), file));
    }

    /** Adds an image to the index, on disk first, then makes its file appear; if that fails the index is restored. */
    private void put(StoredImage image, Runnable showFile) {
        Map<String, StoredImage> before = images;
        Map<String, StoredImage> after = with(image);
        folder.save(after.values());
        try {
            showFile.run();
        } catch (RuntimeException e) {
            try {
                folder.save(before.values());
            } catch (AttunetException again) {
                log.accept("the data store's index can't be restored; the next start does it");
            }
            throw e;
        }
        images = Collections.unmodifiableMap(after);
    }

    /**
     * Lists every mask that a client has saved in {@code dataset.json}, so that training finds it. The folder's own masks are
     * listed too if there is no list yet; if its author has made one, what it leaves out stays out.
     */
    private synchronized void updateDataset() {
        Map<String, String> saved = new LinkedHashMap<>();
        Map<String, String> all = new LinkedHashMap<>();
        for (StoredImage image : images.values()) {
            StoredImage.Label label = image.labels().get(FINAL);
            if (label != null) {
                all.put(image.file(), label.file());
                if (label.saved()) {
                    saved.put(image.file(), label.file());
                }
            }
        }
        if (saved.isEmpty()) {
            return;
        }
        DatasetFile dataset = DatasetFile.in(folder.root(), labels);
        if (dataset.add(dataset.listed().isEmpty() ? all : saved)) {
            dataset.write();
        }
    }

    /** Removes a client's image with all its labels; 403 for one that came with the folder. */
    synchronized void remove(String id) {
        StoredImage image = get(id);
        requireOfClient(image.uploaded(), "image");
        for (String tag : image.labels().keySet()) {
            delete(get(id), tag);
        }
        WholeFile.delete(folder.path(image.file()));
        Map<String, StoredImage> after = new LinkedHashMap<>(images);
        after.remove(id);
        commit(after);
    }

    /** Removes a client's label and restores the mask that it replaced; 403 for one that came with the folder. */
    synchronized void removeLabel(String id, String tag) {
        requireOfClient(label(id, tag).saved(), "label");
        StoredImage image = get(id);
        StoredImage.Label original = image.labels().get(BEFORE);
        if (tag.equals(FINAL) && original != null) {
            restore(image, original);
        } else {
            delete(image, tag);
        }
    }

    private static void requireOfClient(boolean ofClient, String what) {
        if (!ofClient) {
            throw new HttpFailure(
                    403,
                    "this " + what + " came with the data set, from which clients can't delete; remove its file there");
        }
    }

    /** File first, index second: if the process is killed in between, the label is still the client's and removable. */
    private void restore(StoredImage image, StoredImage.Label original) {
        String file = label(image.id(), FINAL).file();
        folder.copy(original.file(), file);
        commit(with(image.without(BEFORE).with(FINAL, new StoredImage.Label(file, false, original.info()))));
        WholeFile.delete(folder.path(original.file()));
    }

    /** List of masks first, index last: if the process is killed in between, the next start finds the label whole or gone. */
    private void delete(StoredImage image, String tag) {
        StoredImage.Label label = label(image.id(), tag);
        if (tag.equals(FINAL)) {
            DatasetFile dataset = DatasetFile.in(folder.root(), labels);
            if (dataset.remove(label.file())) {
                dataset.write();
            }
        }
        WholeFile.delete(folder.path(label.file()));
        commit(with(image.without(tag)));
    }

    private Map<String, StoredImage> with(StoredImage image) {
        Map<String, StoredImage> after = new LinkedHashMap<>(images);
        after.put(image.id(), image);
        return after;
    }

    /** Sets the index in memory even if it can't be written, since the files have changed already. */
    private void commit(Map<String, StoredImage> after) {
        images = Collections.unmodifiableMap(after);
        folder.save(after.values());
    }
}
