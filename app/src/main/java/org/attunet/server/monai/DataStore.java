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
 * Images with the labels that people save for them: a data set that {@code attunet train} reads as soon as one image has a
 * label. See {@link DataStoreFolder} for how it lies on disk.
 *
 * <p>Labels tagged {@code final} are the data set's masks, listed in its {@code dataset.json}; all others lie beside it and
 * train nothing. A mask that came with the folder is kept under the tag {@code before} when a client's takes its place, and
 * comes back when that one is deleted.
 *
 * <p>Thread-safe. Readers see one state at a time and never wait for a writer.
 */
final class DataStore {
    /** The tag of labels that are trained on. */
    static final String FINAL = DataStoreFolder.FINAL;

    private static final String BEFORE = "before";
    private static final int LONGEST_ID = 1000;

    private final DataStoreFolder folder;
    private final LabelSet labels;
    private final VolumeUploads intake;
    private final Consumer<String> report;
    private volatile Map<String, StoredImage> images;

    private DataStore(DataStoreFolder folder, LabelSet labels, VolumeUploads intake, Consumer<String> report) {
        this.folder = folder;
        this.labels = labels;
        this.intake = intake;
        this.report = report;
        this.images = Map.of();
    }

    /**
     * Opens a store, or makes one.
     *
     * @param usual what masks may hold where no {@code dataset.json} says so
     * @param intake in whose turns images are compared
     * @param report hears sentences without anything of the clients'
     * @throws AttunetException where its index or its {@code dataset.json} is damaged; then nothing is changed
     */
    static DataStore open(Path root, LabelSet usual, VolumeUploads intake, Consumer<String> report) {
        DataStoreFolder folder = DataStoreFolder.open(root);
        DatasetFile dataset = DatasetFile.in(folder.root(), usual);
        LabelSet declared = dataset.labels();
        var store = new DataStore(folder, declared == null ? usual : declared, intake, report);
        store.images = Collections.unmodifiableMap(folder.load(dataset, report));
        store.relist();
        report.accept("the data store has " + store.images.size() + " images, "
                + store.images().stream()
                        .filter(image -> image.labels().containsKey(FINAL))
                        .count() + " with labels");
        return store;
    }

    /** What masks may hold. */
    LabelSet labels() {
        return labels;
    }

    /** All images, in the order of their coming. */
    List<StoredImage> images() {
        return List.copyOf(images.values());
    }

    /** The image of an id. */
    Optional<StoredImage> find(String id) {
        return Optional.ofNullable(images.get(id));
    }

    /** The image of an id, or 404. */
    StoredImage get(String id) {
        return find(id).orElseThrow(() ->
                HttpFailure.notFound("image of that id in the data store", "GET /datastore/?output=all tells the ids"));
    }

    /** An image's label of a tag, or 404. */
    StoredImage.Label label(String id, String tag) {
        StoredImage.Label label = get(id).labels().get(tag);
        if (label == null) {
            throw HttpFailure.notFound("label of that tag for that image", "GET /datastore/?output=all tells the tags");
        }
        return label;
    }

    /** Where a file of an image or a label lies. */
    Path path(String file) {
        return folder.path(file);
    }

    /**
     * Takes an image in, which was read and found whole. The same image under the same id changes nothing.
     *
     * @param id any text of 1 to 1000 characters; where it is another image's, 409
     * @param staged the file, which is copied
     * @param info what the client says of it
     */
    void add(String id, Path staged, ObjectNode info) {
        if (id.isBlank() || id.length() > LONGEST_ID) {
            throw new HttpFailure(
                    422, "the image's id has " + id.length() + " characters; expected 1 to " + LONGEST_ID);
        }
        while (!isThere(id, staged)) {
            String file = folder.imageFile(Images.suffix(staged));
            Path hidden = folder.hidden(file);
            try {
                WholeFile.write(hidden, out -> Files.copy(staged, out));
                info.put("ts", Instant.now().getEpochSecond());
                if (putNew(new StoredImage(id, file, true, info, new TreeMap<>()), hidden)) {
                    return;
                }
            } finally {
                WholeFile.delete(hidden);
            }
        }
    }

    /** Whether the same image has this id already; where another has it, 409. Reads voxels, so never under the lock. */
    private boolean isThere(String id, Path staged) {
        StoredImage there = images.get(id);
        if (there == null) {
            return false;
        }
        if (intake.same(folder.path(there.file()), staged)) {
            return true;
        }
        throw new HttpFailure(
                409, "another image has this id in the data store; choose another name, or delete that image first");
    }

    /** Puts an image in, unless its id was taken meanwhile. */
    private synchronized boolean putNew(StoredImage image, Path hidden) {
        boolean fresh = !images.containsKey(image.id());
        if (fresh) {
            put(image, () -> folder.show(hidden, image.file()));
        }
        return fresh;
    }

    /**
     * Saves a label, in place of one of the same tag.
     *
     * @param image as it was when the mask was held against it; where its id is another's by now, 409
     * @param tag any but {@code before}, under which the data set's own masks are kept
     * @param mask on the image's grid, with declared labels alone
     */
    void save(StoredImage image, String tag, LabelMap mask, ObjectNode info) {
        requireTag(tag);
        String file = folder.labelFile(image, tag);
        Path hidden = folder.hidden(file);
        try {
            Images.write(mask, hidden);
            synchronized (this) {
                keepBefore(unchanged(image), tag);
                info.put("ts", Instant.now().getEpochSecond());
                var label = new StoredImage.Label(file, true, info);
                put(unchanged(image).with(tag, label), () -> folder.show(hidden, file));
                relist();
            }
        } finally {
            WholeFile.delete(hidden);
        }
    }

    private static void requireTag(String tag) {
        if (!tag.matches("[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")) {
            throw new HttpFailure(422, "the tag is none; expected 1 to 64 letters, digits, '.', '_' or '-'");
        }
        if (tag.equalsIgnoreCase(BEFORE)) { // on some disks folders go by their letters alone
            throw new HttpFailure(
                    422, "the tag " + BEFORE + " is that of the data set's own masks; expected another, such as v2");
        }
    }

    /** An image with its labels of now. */
    private StoredImage unchanged(StoredImage image) {
        return find(image.id())
                .filter(now -> now.file().equals(image.file()))
                .orElseThrow(() -> new HttpFailure(409, "the image was replaced or removed meanwhile; fetch it again"));
    }

    /** A mask that nobody saved through us came with the folder: it is copied before it is replaced. */
    private void keepBefore(StoredImage image, String tag) {
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

    /** Puts an image into the index, on disk first, then lets its file appear; where that fails all is as before. */
    private void put(StoredImage image, Runnable file) {
        Map<String, StoredImage> before = images;
        Map<String, StoredImage> after = new LinkedHashMap<>(before);
        after.put(image.id(), image);
        folder.save(after.values());
        try {
            file.run();
        } catch (RuntimeException e) {
            try {
                folder.save(before.values());
            } catch (AttunetException again) {
                report.accept("the data store's index can't be set back; the next start does it");
            }
            throw e;
        }
        images = Collections.unmodifiableMap(after);
    }

    /**
     * Lists every mask that a client has saved, so that training finds it. Others are listed beside them where there is no
     * list yet; where its maker has made one, what it leaves out stays out.
     */
    private synchronized void relist() {
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

    /** Removes a client's image with all its labels; what came with the folder stays, 403. */
    synchronized void remove(String id) {
        StoredImage image = get(id);
        if (!image.uploaded()) {
            throw new HttpFailure(
                    403, "this image came with the data set, which clients don't delete from; remove its file there");
        }
        for (String tag : image.labels().keySet()) {
            delete(get(id), tag);
        }
        WholeFile.delete(folder.path(image.file()));
        Map<String, StoredImage> after = new LinkedHashMap<>(images);
        after.remove(id);
        keep(after);
    }

    /** Removes a client's label; what came with the folder stays, 403, and takes its place again where it was replaced. */
    synchronized void removeLabel(String id, String tag) {
        if (!label(id, tag).saved()) {
            throw new HttpFailure(
                    403, "this label came with the data set, which clients don't delete from; remove its file there");
        }
        StoredImage image = get(id);
        StoredImage.Label before = image.labels().get(BEFORE);
        if (tag.equals(FINAL) && before != null) {
            putBack(image, before);
        } else {
            delete(image, tag);
        }
    }

    /** The file first, the index then: so after a kill the label is still a client's, and can be removed again. */
    private void putBack(StoredImage image, StoredImage.Label before) {
        StoredImage.Label label = label(image.id(), FINAL);
        folder.copy(before.file(), label.file());
        var original = new StoredImage.Label(label.file(), false, before.info());
        replace(image.without(BEFORE).with(FINAL, original));
        WholeFile.delete(folder.path(before.file()));
    }

    /** From the list of masks first, from the index last: so a start after a kill finds it whole or gone. */
    private void delete(StoredImage image, String tag) {
        StoredImage.Label label = label(image.id(), tag);
        if (tag.equals(FINAL)) {
            DatasetFile dataset = DatasetFile.in(folder.root(), labels);
            if (dataset.remove(label.file())) {
                dataset.write();
            }
        }
        WholeFile.delete(folder.path(label.file()));
        replace(image.without(tag));
    }

    private void replace(StoredImage image) {
        Map<String, StoredImage> after = new LinkedHashMap<>(images);
        after.put(image.id(), image);
        keep(after);
    }

    /** What was done to a file is done, whether or not the index can be written. */
    private void keep(Map<String, StoredImage> after) {
        images = Collections.unmodifiableMap(after);
        folder.save(after.values());
    }
}
