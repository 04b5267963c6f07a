package org.attunet.server.work;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.attunet.error.AttunetException;
import org.attunet.io.ImageCase;
import org.attunet.io.WholeFile;
import org.jspecify.annotations.Nullable;

/**
 * Jobs: taken in, kept on disk, computed one after the other, their results kept for a set time.
 *
 * <p>What a process was computing when it ended is begun again by the next one, from the beginning, which gives the same
 * files; a job that was begun three times without coming to its end is given up, since it may be what ends the process.
 * Thread-safe.
 */
public final class Jobs implements AutoCloseable {
    private static final int MOST_ATTEMPTS = 3;
    private static final Duration PUTTING_BACK = Duration.ofSeconds(10); // a block of the image is computed to its end

    private final WorkFolder folder;
    private final ServedModels models;
    private final WorkQueue compute;
    private final CaseSegmenter work;
    private final Duration keep;
    private final int most;
    private final Consumer<String> report;
    private final Map<String, Live> jobs = new ConcurrentHashMap<>();
    private final LinkedBlockingQueue<Live> queue = new LinkedBlockingQueue<>();
    private final List<Thread> dispatchers = new ArrayList<>();
    private final ScheduledExecutorService broom = Executors.newSingleThreadScheduledExecutor(run -> {
        Thread thread = new Thread(run, "jobs-expiry");
        thread.setDaemon(true);
        return thread;
    });
    private volatile boolean closing;

    /** A job with what is known of it while the process lasts. */
    private static final class Live {
        private volatile Job job;
        private volatile double progress;
        private volatile boolean cancelled;

        Live(Job job) {
            this.job = job;
            progress = job.state() == Job.State.DONE ? 1 : 0;
        }
    }

    /** A job and the share of it that is computed, 0 to 1. */
    public record View(Job job, double progress) {}

    /**
     * Takes up what the folder holds; {@link #start} begins to compute.
     *
     * @param keep how long results stay
     * @param most jobs that may wait
     * @param report hears sentences about the jobs, without anything of the clients'
     */
    public Jobs(
            WorkFolder folder,
            ServedModels models,
            WorkQueue compute,
            CaseSegmenter work,
            Duration keep,
            int most,
            Consumer<String> report) {
        this.folder = folder;
        this.models = models;
        this.compute = compute;
        this.work = work;
        this.keep = keep;
        this.most = most;
        this.report = report;
        folder.load(e -> report.accept(String.valueOf(e.getMessage()))).forEach(this::takeUp);
        expire();
    }

    /** Begins to compute. */
    public void start() {
        for (int k = 0; k < compute.workers(); k++) {
            Thread thread = new Thread(this::dispatch, "jobs-" + (k + 1));
            thread.setDaemon(true);
            dispatchers.add(thread);
            thread.start();
        }
        var unused = broom.scheduleWithFixedDelay(this::expire, 1, 1, TimeUnit.MINUTES); // expire reports its failures
    }

    private void takeUp(Job found) {
        Live live = new Live(found);
        jobs.put(found.id(), live);
        if (!found.state().ended() && folder.isCancelled(found.id())) {
            set(live, found.ended(Job.State.CANCELLED, null));
        } else if (found.state() == Job.State.RUNNING && found.attempts() >= MOST_ATTEMPTS) {
            set(
                    live,
                    found.ended(
                            Job.State.FAILED,
                            "the server ended " + found.attempts() + " times while it computed this"));
        } else if (found.state().ended()) {
            folder.forgetInput(found.id());
        } else {
            report.accept("job " + found.id() + " goes on");
            queue.add(live);
        }
    }

    /**
     * Takes a job in; from here on it outlasts the process.
     *
     * @param staged the folder whose {@code input/} holds the files of the cases; it becomes the job's
     * @throws BusyException where too many wait
     */
    public Job submit(UploadFolder staged, String model, List<ImageCase> cases, CaseOptions options) {
        requireRoom();
        String id = WorkFolder.randomName();
        Path input = folder.of(id).resolve("input");
        List<ImageCase> own = cases.stream()
                .map(one -> new ImageCase(
                        one.id(),
                        one.files().stream()
                                .map(file -> input.resolve(file.getFileName()))
                                .toList()))
                .toList();
        Job job = Job.queued(id, model, options, own);
        folder.admit(staged, job);
        Live live = new Live(job);
        jobs.put(id, live);
        queue.add(live);
        return job;
    }

    /**
     * Refuses what would be refused anyway, before anything is done for it.
     *
     * @throws BusyException where too many wait, or the server ends
     */
    public void requireRoom() {
        if (compute.draining()) {
            throw new BusyException("the server is stopping", true, 1);
        }
        if (queue.size() >= most) {
            throw new BusyException(most + " jobs wait already", false, 30);
        }
    }

    /** The job of an id. */
    public Optional<View> find(String id) {
        return Optional.ofNullable(jobs.get(id)).map(live -> new View(live.job, live.progress));
    }

    /** All jobs, the newest first. */
    public List<View> all() {
        return jobs.values().stream()
                .map(live -> new View(live.job, live.progress))
                .sorted(Comparator.comparing((View view) -> view.job().created())
                        .reversed())
                .toList();
    }

    /** How many jobs wait. */
    public int waiting() {
        return queue.size();
    }

    /** How many jobs stand in a state. */
    public long count(Job.State state) {
        return jobs.values().stream().filter(live -> live.job.state() == state).count();
    }

    /** The place of a result of a job; the name must be one that the job tells. */
    public Optional<Path> file(String id, String name) {
        return find(id).filter(view -> view.job().results().stream()
                        .flatMap(result -> result.path("files").valueStream())
                        .anyMatch(file -> file.asText().equals(name)))
                .map(view -> folder.of(id).resolve("result").resolve(name));
    }

    /**
     * Ends a job that waits or runs, or removes one that has ended, with its files.
     *
     * @return false where there is no such job
     */
    public boolean cancel(String id) {
        Live live = jobs.get(id);
        if (live == null) {
            return false;
        }
        boolean removed = false;
        synchronized (live) {
            live.cancelled = true;
            if (live.job.state() == Job.State.QUEUED) { // in the queue, on its way out of it, or waiting for a model
                queue.remove(live);
                set(live, live.job.ended(Job.State.CANCELLED, null));
            } else if (live.job.state().ended()) {
                removed = jobs.remove(id) != null;
            } else {
                folder.cancel(id); // it is under way, and ends where it next tells its progress
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
                report.accept("a job could not be dispatched (" + e + ")");
            }
        }
    }

    private void run(Live live) throws InterruptedException {
        Optional<ServedModel> model = models.named(live.job.model());
        synchronized (live) {
            if (live.job.state().ended()) {
                return;
            }
            if (closing) {
                return; // it is on disk as one that waits
            }
            if (model.isEmpty()) { // a slip in the server's command line must not cost anybody's job
                report.accept("job " + live.job.id() + " waits for a start with its model");
                set(live, live.job.waitingFor("the model " + live.job.model() + " is not served now"));
                return;
            }
            set(live, live.job.begun());
        }
        try {
            cases(live, model.get());
        } catch (InterruptedException e) { // the server ends; the next one begins anew
            set(live, live.job.putBack());
            throw e;
        } catch (CancellationException e) {
            end(live, Job.State.CANCELLED, null);
        } catch (RuntimeException | Error e) {
            report.accept("job " + live.job.id() + " failed: " + trace(e));
            end(live, Job.State.FAILED, "a fault of the server, which its log tells under the job's id");
        }
    }

    private static String trace(Throwable failure) {
        StackTraceElement[] stack = failure.getStackTrace();
        return failure.getClass().getName() + (stack.length == 0 ? "" : " at " + stack[0]);
    }

    private void cases(Live live, ServedModel model) throws InterruptedException {
        int failed = 0;
        int cases = live.job.cases().size();
        for (int k = 0; k < cases; k++) {
            int number = k;
            AtomicReference<ObjectNode> result = new AtomicReference<>();
            compute.job(() -> result.set(one(live, model, number)));
            ObjectNode told = result.get();
            if (told == null) {
                if (live.cancelled) {
                    throw new CancellationException("the client wants the job no more");
                }
                throw new InterruptedException("the server ends");
            }
            failed += told.has("error") ? 1 : 0;
            live.job = live.job.with(told);
        }
        String error = failed < cases
                ? null
                : cases == 1 ? live.job.results().get(0).path("error").asText() : "all " + cases + " images failed";
        end(live, failed < cases ? Job.State.DONE : Job.State.FAILED, error);
    }

    /**
     * The result of one case: its summary with the files' names, which begin with the case's number, or the error; null where
     * nobody wants it any more.
     */
    private @Nullable ObjectNode one(Live live, ServedModel model, int number) {
        Job job = live.job;
        ImageCase given = job.cases().get(number);
        Path result = folder.of(job.id()).resolve("result");
        String prefix = number + "/";
        try {
            Path own = WholeFile.makeFolder(result.resolve(Integer.toString(number)));
            int cases = job.cases().size();
            work.check(model, given, job.options()); // the limits may be other ones than when it was taken in
            SegmentedCase done = work.run(model, given, own, job.options(), share -> {
                live.progress = (number + share) / cases;
                if (live.cancelled) {
                    throw new CancellationException("the client has cancelled the job");
                }
                WorkQueue.checkWanted();
            });
            ObjectNode summary = done.summary();
            summary.put("mask", prefix + done.mask().getFileName());
            done.names().forEach(name -> summary.withArray("files").add(prefix + name));
            return summary;
        } catch (CancellationException e) {
            return null;
        } catch (InputException e) {
            return JsonNodeFactory.instance.objectNode().put("name", given.id()).put("error", e.getMessage());
        } catch (AttunetException e) {
            if (Thread.currentThread().isInterrupted()) {
                return null; // a file that an interruption has closed is no failure
            }
            report.accept("job " + job.id() + ": " + e.getMessage());
            String found = "the result can't be kept: " + e.found() + "; expected " + e.expected();
            return JsonNodeFactory.instance.objectNode().put("name", given.id()).put("error", found);
        }
    }

    private void end(Live live, Job.State state, @Nullable String error) {
        synchronized (live) {
            // A client that was told that its job is ended shall not find it done a moment later.
            Job.State last = live.cancelled ? Job.State.CANCELLED : state;
            live.progress = last == Job.State.DONE ? 1 : live.progress;
            set(live, live.job.ended(last, last == state ? error : null));
        }
    }

    /**
     * A new state, on disk and then in memory, so that a stop, which waits until no job runs, waits for the disk too. Where
     * the disk is full memory has to do; then the images stay, for the next process will begin the job again.
     */
    private void set(Live live, Job job) {
        try {
            folder.save(job);
            if (job.state().ended()) {
                folder.forgetInput(job.id());
            }
        } catch (AttunetException e) {
            report.accept("job " + job.id() + " can't be written down: " + e.found());
        }
        live.job = job;
    }

    private void expire() {
        try {
            Instant before = Instant.now().minus(keep);
            for (Live live : List.copyOf(jobs.values())) {
                Instant finished = live.job.finished();
                if (live.job.state().ended() && finished != null && finished.isBefore(before)) {
                    jobs.remove(live.job.id());
                    folder.remove(live.job.id());
                }
            }
        } catch (RuntimeException e) {
            report.accept("old jobs can't be removed (" + e + ")");
        }
    }

    /**
     * Begins no more jobs and lets those under way end for a while; what does not end in time waits on disk for the next
     * process.
     */
    public void close(Duration grace) {
        closing = true;
        broom.shutdownNow();
        awaitRunning(grace);
        dispatchers.forEach(Thread::interrupt);
        awaitRunning(PUTTING_BACK);
        try {
            for (Thread dispatcher : dispatchers) {
                dispatcher.join(PUTTING_BACK.toMillis()); // it may be throwing away what a job was about
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitRunning(Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        try {
            while (count(Job.State.RUNNING) > 0 && System.nanoTime() < end) {
                Thread.sleep(20);
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
