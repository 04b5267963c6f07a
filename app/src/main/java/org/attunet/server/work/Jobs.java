package org.attunet.server.work;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;
import org.attunet.io.ImageCase;
import org.attunet.io.Json;
import org.attunet.io.WholeFile;
import org.jspecify.annotations.Nullable;

/**
 * The jobs: accepted, stored on disk, computed in order, their results kept for a set time.
 *
 * <p>A job that was running when the process ended is restarted by the next process, which produces the same files; a job
 * that was started three times without ending fails, since it may be what ends the process. Thread-safe.
 */
public final class Jobs implements AutoCloseable {
    private static final int MOST_ATTEMPTS = 3;
    private static final Duration LAST_BLOCK = Duration.ofSeconds(10); // a block of an image is computed to its end

    private final Backend backend;
    private final WorkFolder folder;
    private final WorkQueue computing;
    private final Duration keep;
    private final int most;
    private final Consumer<String> log;
    private final Map<String, Entry> jobs = new ConcurrentHashMap<>();
    private final LinkedBlockingQueue<Entry> queue = new LinkedBlockingQueue<>();
    private final List<Thread> dispatchers = new ArrayList<>();
    private final ScheduledExecutorService expiry =
            Executors.newSingleThreadScheduledExecutor(WorkQueue.daemonThreads("jobs-expiry"));
    private volatile boolean closing;

    /** A job and its state within this process. Changes of state are made under its lock. */
    private static final class Entry {
        private volatile Job job;
        private volatile double progress;
        private volatile boolean cancelled;
        private @Nullable Thread worker; // that computes an image of it; used under the lock

        Entry(Job job) {
            this.job = job;
            progress = job.state() == Job.State.DONE ? 1 : 0;
        }

        /** Notes the thread that computes an image, to be interrupted by a cancellation; false if it is cancelled already. */
        synchronized boolean begin() {
            worker = Thread.currentThread();
            return !cancelled;
        }

        synchronized void finish() {
            worker = null;
        }

        synchronized void cancel() {
            cancelled = true;
            if (worker != null) {
                worker.interrupt();
            }
        }

        synchronized void add(ObjectNode result) {
            job = job.withResult(result);
        }

        View view() {
            return new View(job, progress);
        }
    }

    /** A job and the computed share of it, 0 to 1. */
    public record View(Job job, double progress) {}

    /**
     * Loads the jobs in the folder; {@link #start} starts computing.
     *
     * @param keep how long results are kept
     * @param most jobs that may wait
     * @param log receives sentences about the jobs, without anything of the clients'
     */
    public Jobs(Backend backend, Duration keep, int most, Consumer<String> log) {
        this.backend = backend;
        folder = backend.folder();
        computing = backend.queue();
        this.keep = keep;
        this.most = most;
        this.log = log;
        folder.load(e -> log.accept(String.valueOf(e.getMessage()))).forEach(this::resume);
        expire();
    }

    /** Starts computing. */
    public void start() {
        ThreadFactory threads = WorkQueue.daemonThreads("jobs");
        for (int k = 0; k < computing.workers(); k++) {
            Thread thread = threads.newThread(this::dispatch);
            dispatchers.add(thread);
            thread.start();
        }
        var unused = expiry.scheduleWithFixedDelay(this::expire, 1, 1, TimeUnit.MINUTES); // expire logs its failures
    }

    private void resume(Job job) {
        Entry entry = new Entry(job);
        jobs.put(job.id(), entry);
        int attempts = job.status().attempts();
        if (job.state().ended()) {
            folder.deleteInput(job.id());
        } else if (folder.isCancelled(job.id())) {
            set(entry, job.ended(Job.State.CANCELLED, null));
        } else if (job.state() == Job.State.RUNNING && attempts >= MOST_ATTEMPTS) {
            String error = "the server ended " + attempts + " times while it computed this";
            set(entry, job.ended(Job.State.FAILED, error));
        } else {
            log.accept("job " + job.id() + " is resumed");
            queue.add(entry);
        }
    }

    /**
     * Accepts a job, which from then on survives the end of the process.
     *
     * @param upload the folder whose {@code input/} holds the files of the cases; it becomes the job's
     * @throws BusyException if too many jobs wait
     */
    public Job submit(UploadFolder upload, String model, List<ImageCase> cases, CaseOptions options) {
        requireRoom();
        String id = WorkFolder.randomName();
        Path input = folder.of(id).resolve("input");
        List<ImageCase> moved = new ArrayList<>();
        for (ImageCase one : cases) {
            List<Path> files = one.files().stream()
                    .map(file -> input.resolve(file.getFileName()))
                    .toList();
            moved.add(new ImageCase(one.id(), files, null, one.frame()));
        }
        Job job = Job.queued(id, model, options, moved);
        folder.admit(upload, job);
        Entry entry = new Entry(job);
        jobs.put(id, entry);
        queue.add(entry);
        return job;
    }

    /**
     * Refuses early what {@link #submit} would refuse.
     *
     * @throws BusyException if too many jobs wait, or the server is stopping
     */
    public void requireRoom() {
        if (computing.draining()) {
            throw BusyException.stopping();
        }
        if (queue.size() >= most) {
            throw new BusyException(most + " jobs wait already", false, 30);
        }
    }

    /** Returns the job of an id. */
    public Optional<View> find(String id) {
        return Optional.ofNullable(jobs.get(id)).map(Entry::view);
    }

    /** Returns all jobs, the newest first. */
    public List<View> all() {
        return jobs.values().stream()
                .map(Entry::view)
                .sorted(Comparator.comparing((View view) -> view.job().created())
                        .reversed())
                .toList();
    }

    /** Returns the number of waiting jobs. */
    public int waiting() {
        return queue.size();
    }

    /** Returns the number of jobs in a state. */
    public long count(Job.State state) {
        return jobs.values().stream()
                .filter(entry -> entry.job.state() == state)
                .count();
    }

    /** Returns the path of a result file, whose name must be listed in the job's results. */
    public Optional<Path> file(String id, String name) {
        return find(id).filter(view -> view.job().status().results().stream()
                        .flatMap(result -> result.path("files").valueStream())
                        .anyMatch(file -> file.asText().equals(name)))
                .map(view -> folder.of(id).resolve("result").resolve(name));
    }

    /**
     * Cancels a waiting or running job, or removes one that has ended, with its files.
     *
     * @return false if there is no such job
     */
    public boolean cancel(String id) {
        Entry entry = jobs.get(id);
        if (entry == null) {
            return false;
        }
        boolean removed = false;
        synchronized (entry) {
            entry.cancel();
            if (entry.job.state() == Job.State.QUEUED) { // in the queue, just leaving it, or waiting for a model
                queue.remove(entry);
                set(entry, entry.job.ended(Job.State.CANCELLED, null));
            } else if (entry.job.state().ended()) {
                removed = jobs.remove(id) != null;
            } else {
                folder.cancel(id); // it ends soon
            }
        }
        if (removed) {
            folder.remove(id);
        }
        return true;
    }

    private void dispatch() {
        while (!closing) {
            try {
                run(queue.take());
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException | Error e) {
                log.accept("a job could not be dispatched (" + e + ")");
            }
        }
    }

    private void run(Entry entry) throws InterruptedException {
        String id = entry.job.id();
        Optional<ServedModel> model = backend.models().named(entry.job.model());
        synchronized (entry) {
            if (entry.job.state().ended() || closing) {
                return; // if the server is closing, the job is on disk as a waiting one
            }
            if (model.isEmpty()) { // a mistake in the server's command line must not lose jobs
                log.accept("job " + id + " waits for a start with its model");
                set(entry, entry.job.waitingFor("the model " + entry.job.model() + " is not served now"));
                return;
            }
            set(entry, entry.job.started());
        }
        try {
            runCases(entry, model.get());
        } catch (InterruptedException e) { // the server is stopping; the next process starts it again
            synchronized (entry) {
                set(entry, entry.cancelled ? entry.job.ended(Job.State.CANCELLED, null) : entry.job.requeued());
            }
            throw e;
        } catch (CancellationException e) {
            end(entry, Job.State.CANCELLED, null);
        } catch (RuntimeException | Error e) {
            StackTraceElement[] stack = e.getStackTrace();
            String at = stack.length == 0 ? "" : " at " + stack[0];
            log.accept("job " + id + " failed: " + e.getClass().getName() + at);
            end(entry, Job.State.FAILED, "an internal error of the server, logged under the job's id");
        }
    }

    private void runCases(Entry entry, ServedModel model) throws InterruptedException {
        int failed = 0;
        int cases = entry.job.cases().size();
        for (int k = 0; k < cases; k++) {
            int number = k;
            Optional<ObjectNode> result = computing.runForJob(() -> runCase(entry, model, number));
            if (result.isEmpty() && entry.cancelled) {
                throw new CancellationException("the client has cancelled the job");
            }
            ObjectNode summary = result.orElseThrow(() -> new InterruptedException("the server is stopping"));
            failed += summary.has("error") ? 1 : 0;
            entry.add(summary);
        }
        if (failed < cases) {
            end(entry, Job.State.DONE, null);
        } else {
            String only = entry.job.status().results().get(0).path("error").asText();
            end(entry, Job.State.FAILED, cases == 1 ? only : "all " + cases + " images failed");
        }
    }

    /**
     * Computes one case; returns its summary with the files' names, which start with the case's number, or with the error;
     * nothing if the result is not wanted any more.
     */
    private Optional<ObjectNode> runCase(Entry entry, ServedModel model, int number) {
        Job job = entry.job;
        ImageCase input = job.cases().get(number);
        try {
            if (!entry.begin()) {
                return Optional.empty();
            }
            Path result = folder.of(job.id()).resolve("result").resolve(Integer.toString(number));
            var cost = backend.segmenter()
                    .check(model, input, job.options()); // the limits may have changed since it was accepted
            SegmentedCase done = backend.segmenter()
                    .run(model, input, cost, WholeFile.makeFolder(result), job.options(), share -> {
                        entry.progress = (number + share) / job.cases().size();
                        Interruption.check();
                    });
            ObjectNode summary = done.summary();
            summary.put("mask", number + "/" + done.mask().getFileName());
            done.files().forEach(file -> summary.withArray("files").add(number + "/" + file.getFileName()));
            return Optional.of(summary);
        } catch (CancellationException e) {
            return Optional.empty();
        } catch (AttunetException e) {
            if (Thread.currentThread().isInterrupted()) {
                return Optional.empty(); // the interruption may have closed a file
            }
            if (e instanceof InputException) {
                return Optional.of(Json.object().put("name", input.id()).put("error", e.getMessage()));
            }
            log.accept("job " + job.id() + ": " + e.getMessage());
            String error = "the result can't be stored: " + e.found() + "; expected " + e.expected();
            return Optional.of(Json.object().put("name", input.id()).put("error", error));
        } finally {
            entry.finish();
        }
    }

    private void end(Entry entry, Job.State state, @Nullable String error) {
        synchronized (entry) {
            // A client whose cancellation was confirmed must not find the job done a moment later.
            Job.State last = entry.cancelled ? Job.State.CANCELLED : state;
            entry.progress = last == Job.State.DONE ? 1 : entry.progress;
            set(entry, entry.job.ended(last, last == state ? error : null));
        }
    }

    /**
     * Sets a state on disk and then in memory, so that a stop, which waits until no job runs, also waits for the disk. If the
     * disk is full, only memory changes; the images are kept then, since the next process will start the job again.
     */
    private void set(Entry entry, Job job) {
        try {
            folder.save(job);
            if (job.state().ended()) {
                folder.deleteInput(job.id());
            }
        } catch (AttunetException e) {
            log.accept("job " + job.id() + " can't be saved: " + e.found());
        }
        entry.job = job;
    }

    private void expire() {
        try {
            Instant before = Instant.now().minus(keep);
            for (Entry entry : List.copyOf(jobs.values())) {
                Instant finished = entry.job.status().finished();
                if (entry.job.state().ended() && finished != null && finished.isBefore(before)) {
                    jobs.remove(entry.job.id());
                    folder.remove(entry.job.id());
                }
            }
        } catch (RuntimeException e) {
            log.accept("old jobs can't be removed (" + e + ")");
        }
    }

    /** Starts no more jobs and gives running ones some time to end; what doesn't end waits on disk for the next process. */
    public void close(Duration grace) {
        closing = true;
        expiry.shutdownNow();
        WorkQueue.awaitNone(() -> count(Job.State.RUNNING), grace);
        dispatchers.forEach(Thread::interrupt);
        WorkQueue.awaitNone(() -> count(Job.State.RUNNING), LAST_BLOCK);
        try {
            for (Thread dispatcher : dispatchers) {
                dispatcher.join(LAST_BLOCK.toMillis()); // it may be deleting a job's images
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        close(Duration.ZERO);
    }
}
