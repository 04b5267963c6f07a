package org.attunet.server.work;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.attunet.error.AttunetException;
import org.attunet.io.ImageCase;
import org.jspecify.annotations.Nullable;

/**
 * Images to segment while nobody waits, as they stand at one moment. Immutable.
 *
 * @param id unguessable, and the name of the job's folder
 * @param model the name of the model
 * @param options what is wanted
 * @param cases the images
 * @param state how far it is
 * @param created when it was taken in
 * @param started when it was begun last; null before
 * @param finished when it ended; null before
 * @param attempts how often it was begun; more than once where the server ended in between
 * @param results for each image that is finished its summary, with "files" or with "error"
 * @param error why nothing came of it; null where something did
 */
public record Job(
        String id,
        String model,
        CaseOptions options,
        List<ImageCase> cases,
        State state,
        Instant created,
        @Nullable Instant started,
        @Nullable Instant finished,
        int attempts,
        List<ObjectNode> results,
        @Nullable String error) {
    /** How far a job is. */
    public enum State {
        QUEUED,
        RUNNING,
        DONE,
        FAILED,
        CANCELLED;

        /** Whether nothing more will happen to the job. */
        public boolean ended() {
            return this != QUEUED && this != RUNNING;
        }

        /** The word in JSON. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Copies the lists. */
    public Job {
        cases = List.copyOf(cases);
        results = List.copyOf(results);
    }

    static Job queued(String id, String model, CaseOptions options, List<ImageCase> cases) {
        return new Job(id, model, options, cases, State.QUEUED, Instant.now(), null, null, 0, List.of(), null);
    }

    Job begun() {
        return new Job(
                id, model, options, cases, State.RUNNING, created, Instant.now(), null, attempts + 1, List.of(), null);
    }

    /** Back in the queue, as if it had not been begun. */
    Job putBack() {
        return new Job(
                id,
                model,
                options,
                cases,
                State.QUEUED,
                created,
                null,
                null,
                Math.max(0, attempts - 1),
                List.of(),
                null);
    }

    Job with(ObjectNode result) {
        List<ObjectNode> all = new ArrayList<>(results);
        all.add(result);
        return new Job(id, model, options, cases, state, created, started, finished, attempts, all, error);
    }

    /** Waiting for something, which is told. */
    Job waitingFor(String what) {
        return new Job(id, model, options, cases, State.QUEUED, created, null, null, attempts, results, what);
    }

    Job ended(State state, @Nullable String error) {
        return new Job(id, model, options, cases, state, created, started, Instant.now(), attempts, results, error);
    }

    /** What the job's file holds; {@link #results} and times are what clients are told too. */
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", id).put("model", model).put("state", state.word());
        json.put("created", created.toString());
        json.put("started", started == null ? null : started.toString());
        json.put("finished", finished == null ? null : finished.toString());
        json.put("attempts", attempts);
        json.set("options", options.json());
        ArrayNode list = json.putArray("cases");
        cases.forEach(one -> list.add(json(one)));
        // Copies: whoever gets the tree may add to it, while others write this job down.
        ArrayNode told = json.putArray("results");
        results.forEach(result -> told.add(result.deepCopy()));
        json.put("error", error);
        return json;
    }

    /**
     * What {@link #json} wrote.
     *
     * @param folder the job's own
     * @throws AttunetException where it isn't that
     */
    static Job of(JsonNode json, Path folder) {
        try {
            String id = json.path("id").asText();
            if (!id.equals(String.valueOf(folder.getFileName()))) {
                throw new IllegalArgumentException("its id is another than its folder's name");
            }
            List<ImageCase> cases = new ArrayList<>();
            json.path("cases").forEach(one -> cases.add(imageCase(one, folder.resolve("input"))));
            List<ObjectNode> results = new ArrayList<>();
            json.path("results").forEach(one -> results.add((ObjectNode) one));
            return new Job(
                    id,
                    json.path("model").asText(),
                    CaseOptions.of(json.path("options")),
                    cases,
                    State.valueOf(json.path("state").asText().toUpperCase(Locale.ROOT)),
                    Instant.parse(json.path("created").asText()),
                    instant(json.path("started")),
                    instant(json.path("finished")),
                    json.path("attempts").asInt(),
                    results,
                    json.path("error").isTextual() ? json.path("error").asText() : null);
        } catch (RuntimeException e) {
            throw new AttunetException(
                    folder.toString(),
                    "its job.json is damaged (" + e + ")",
                    "a job as the server wrote it",
                    "delete the folder",
                    e);
        }
    }

    /** A case with the names of its files alone. */
    private static ObjectNode json(ImageCase one) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("name", one.id());
        one.files().forEach(file -> json.withArray("files").add(String.valueOf(file.getFileName())));
        return json;
    }

    private static ImageCase imageCase(JsonNode json, Path folder) {
        List<Path> files = new ArrayList<>();
        json.path("files").forEach(file -> files.add(folder.resolve(file.asText())));
        return new ImageCase(json.path("name").asText(), files);
    }

    private static @Nullable Instant instant(JsonNode node) {
        return node.isTextual() ? Instant.parse(node.asText()) : null;
    }
}
