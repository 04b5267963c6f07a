package org.attunet.server.work;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.attunet.error.AttunetException;
import org.attunet.io.ImageCase;
import org.attunet.io.Json;
import org.jspecify.annotations.Nullable;

/**
 * Images to segment without a waiting client, at one moment. Immutable.
 *
 * @param id random, and the name of the job's folder
 * @param model the name of the model
 * @param options the requested results
 * @param cases the images
 * @param created when the job was accepted
 * @param status its progress
 */
public record Job(String id, String model, CaseOptions options, List<ImageCase> cases, Instant created, Status status) {
    /** The states of a job. */
    public enum State {
        QUEUED,
        RUNNING,
        DONE,
        FAILED,
        CANCELLED;

        /** Whether the job is over. */
        public boolean ended() {
            return this != QUEUED && this != RUNNING;
        }

        /** Returns the word in JSON. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The progress of a job.
     *
     * @param started when it was last started; null if it wasn't
     * @param finished when it ended; null if it hasn't
     * @param attempts how often it was started; more than once if the server ended in between
     * @param results the summary of each finished image, with "files" or with "error"
     * @param error why it failed or what it waits for; null otherwise
     */
    public record Status(
            State state,
            @Nullable Instant started,
            @Nullable Instant finished,
            int attempts,
            List<ObjectNode> results,
            @Nullable String error) {
        /** Copies the list. */
        public Status {
            results = List.copyOf(results);
        }
    }

    /** Copies the list. */
    public Job {
        cases = List.copyOf(cases);
    }

    static Job queued(String id, String model, CaseOptions options, List<ImageCase> cases) {
        return new Job(
                id, model, options, cases, Instant.now(), new Status(State.QUEUED, null, null, 0, List.of(), null));
    }

    private Job with(Status other) {
        return new Job(id, model, options, cases, created, other);
    }

    Job started() {
        return with(new Status(State.RUNNING, Instant.now(), null, status.attempts() + 1, List.of(), null));
    }

    /** Returns the job as if it had not been started. */
    Job requeued() {
        return with(new Status(State.QUEUED, null, null, Math.max(0, status.attempts() - 1), List.of(), null));
    }

    Job waitingFor(String what) {
        return with(new Status(State.QUEUED, null, null, status.attempts(), status.results(), what));
    }

    Job withResult(ObjectNode result) {
        List<ObjectNode> all = new ArrayList<>(status.results());
        all.add(result);
        return with(new Status(
                status.state(), status.started(), status.finished(), status.attempts(), all, status.error()));
    }

    Job ended(State state, @Nullable String error) {
        return with(new Status(state, status.started(), Instant.now(), status.attempts(), status.results(), error));
    }

    /** Returns the state. */
    public State state() {
        return status.state();
    }

    /** Returns the content of the job's file, which {@link #of} reads. */
    public ObjectNode json() {
        ObjectNode json = Json.object();
        json.put("id", id).put("model", model).put("state", state().word());
        json.put("created", created.toString());
        json.put("started", text(status.started()));
        json.put("finished", text(status.finished()));
        json.put("attempts", status.attempts());
        json.set("options", Json.OWN.valueToTree(options));
        ArrayNode list = json.putArray("cases");
        for (ImageCase one : cases) {
            ObjectNode node = list.addObject().put("name", one.id()).put("frame", one.frame());
            ArrayNode files = node.putArray("files");
            one.files().forEach(file -> files.add(String.valueOf(file.getFileName())));
        }
        // Copies, since the caller may change the tree while other threads write this job.
        ArrayNode results = json.putArray("results");
        status.results().forEach(result -> results.add(result.deepCopy()));
        return json.put("error", status.error());
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }

    /**
     * Reads the content of a job's file.
     *
     * @param folder the job's own
     * @throws AttunetException if it is invalid
     */
    static Job of(JsonNode json, Path folder) {
        try {
            String id = json.path("id").asText();
            if (!id.equals(String.valueOf(folder.getFileName()))) {
                throw new IllegalArgumentException("its id differs from its folder's name");
            }
            List<ImageCase> cases = new ArrayList<>();
            for (JsonNode one : json.path("cases")) {
                List<Path> files = new ArrayList<>();
                one.path("files")
                        .forEach(file -> files.add(folder.resolve("input").resolve(file.asText())));
                cases.add(new ImageCase(
                        one.path("name").asText(),
                        files,
                        null,
                        one.path("frame").asInt()));
            }
            List<ObjectNode> results = new ArrayList<>();
            json.path("results").forEach(one -> results.add((ObjectNode) one));
            var status = new Status(
                    State.valueOf(json.path("state").asText().toUpperCase(Locale.ROOT)),
                    instant(json.path("started")),
                    instant(json.path("finished")),
                    json.path("attempts").asInt(),
                    results,
                    json.path("error").textValue());
            CaseOptions options = Json.OWN.treeToValue(json.path("options"), CaseOptions.class);
            Instant created = Instant.parse(json.path("created").asText());
            return new Job(id, json.path("model").asText(), options, cases, created, status);
        } catch (RuntimeException | JsonProcessingException e) {
            throw new AttunetException(
                    folder.toString(),
                    "its job.json is damaged (" + e + ")",
                    "a job as the server wrote it",
                    "delete the folder",
                    e);
        }
    }

    private static @Nullable Instant instant(JsonNode node) {
        return node.isTextual() ? Instant.parse(node.asText()) : null;
    }
}
