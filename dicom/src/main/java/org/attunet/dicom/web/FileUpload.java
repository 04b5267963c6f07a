package org.attunet.dicom.web;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleConsumer;
import java.util.function.LongConsumer;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;

/** Sends files as the parts of requests that no usual server finds too long. */
final class FileUpload {
    private static final long MOST_BYTES = 64L << 20; // of a request with more than one file

    private final WebClient client;
    private final String path;

    FileUpload(WebClient client, WebAddress server) {
        this.client = client;
        path = server.root() + "/studies";
    }

    /** Sends files; returns the server's remarks. */
    List<String> send(List<Path> files, DoubleConsumer progress) {
        double all = Math.max(1, files.stream().mapToLong(FileUpload::size).sum());
        Set<String> remarks = new LinkedHashSet<>();
        long done = 0;
        for (int from = 0, to; from < files.size(); from = to) {
            Interruption.check();
            long bytes = size(files.get(from));
            to = from + 1;
            while (to < files.size() && bytes + size(files.get(to)) <= MOST_BYTES) {
                bytes += size(files.get(to++));
            }
            long before = done;
            remarks.addAll(batch(files.subList(from, to), sent -> progress.accept(Math.min(1, (before + sent) / all))));
            done += bytes;
        }
        return List.copyOf(remarks);
    }

    private List<String> batch(List<Path> files, LongConsumer sent) {
        String boundary = UUID.randomUUID().toString();
        var request = new WebClient.Request(
                path,
                "application/dicom+json",
                "multipart/related; type=\"application/dicom\"; boundary=" + boundary,
                () -> new Counted(body(files, boundary), sent));
        return client.send(request, FileUpload::outcome);
    }

    private static BodyPublisher body(List<Path> files, String boundary) {
        List<BodyPublisher> all = new ArrayList<>();
        String head = "--" + boundary + "\r\nContent-Type: application/dicom\r\n\r\n";
        for (Path file : files) {
            all.add(BodyPublishers.ofString((all.isEmpty() ? "" : "\r\n") + head, StandardCharsets.US_ASCII));
            try {
                all.add(BodyPublishers.ofFile(file));
            } catch (FileNotFoundException e) {
                throw unreadable(file, e);
            }
        }
        all.add(BodyPublishers.ofString("\r\n--" + boundary + "--\r\n", StandardCharsets.US_ASCII));
        return BodyPublishers.concat(all.toArray(BodyPublisher[]::new));
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static AttunetException unreadable(Path file, IOException e) {
        return new AttunetException(
                file.toString(), "it can't be read (" + e + ")", "a DICOM file", "check the file", e);
    }

    /** What the server says of the files (PS3.18, I.2). */
    private static List<String> outcome(Response response) throws IOException {
        int status = response.status();
        if (status != 200 && status != 202 && status != 409) {
            throw response.refusal();
        }
        JsonNode answer = response.mediaType().endsWith("json") ? response.json() : null;
        JsonNode failed = answer == null ? null : answer.path("00081198").path("Value");
        if (failed != null && !failed.isEmpty()) {
            throw response.failure(
                    "it refuses " + failed.size() + (failed.size() == 1 ? " file: " : " files: ")
                            + failure(failed.path(0)
                                    .path("00081197")
                                    .path("Value")
                                    .path(0)
                                    .asInt()),
                    "files that it takes",
                    "see the server's log for the details");
        }
        if (status == 409 || (status == 202 && answer == null)) {
            throw response.failure(
                    "it refuses files (status " + status + ")", "files that it takes", "see the server's log");
        }
        Set<String> remarks = new LinkedHashSet<>();
        if (answer != null) {
            for (JsonNode stored : answer.path("00081199").path("Value")) {
                JsonNode reason = stored.path("00081196").path("Value").path(0);
                if (reason.asInt() != 0) {
                    remarks.add(warning(reason.asInt()));
                }
            }
        }
        return List.copyOf(remarks);
    }

    /** The meaning of a reason for failure (PS3.18, table I.2-2, and PS3.7, annex C). */
    private static String failure(int reason) {
        String meaning = switch (reason >>> 8) {
            case 0xA7 -> "it is out of resources";
            case 0xA9 -> "the data don't match the kind of object";
            default ->
                switch (reason) {
                    case 0x0110 -> "it failed to process it";
                    case 0x0111 -> "it has another with the same identifier";
                    case 0x0117 -> "its identifier is invalid";
                    case 0x0122 -> "it doesn't take objects of this kind";
                    case 0x0124 -> "it doesn't allow this client to store";
                    case 0xC122 -> "it doesn't take this transfer syntax";
                    default -> reason >>> 12 == 0xC ? "it doesn't understand it" : "it gives no known reason";
                };
        };
        return String.format("%s (%04X)", meaning, reason);
    }

    /** The meaning of a reason for a warning (PS3.18, table I.2-1). */
    private static String warning(int reason) {
        String meaning = switch (reason) {
            case 0xB000 -> "the server has changed elements of what it stored";
            case 0xB006 -> "the server has dropped elements of what it stored";
            case 0xB007 -> "the server finds that the data don't match the kind of object";
            default -> "the server has stored the data with a warning";
        };
        return String.format("%s (%04X)", meaning, reason);
    }

    /** A body that tells how many of its bytes were sent. */
    private record Counted(BodyPublisher body, LongConsumer sent) implements BodyPublisher {
        @Override
        public long contentLength() {
            return body.contentLength();
        }

        @Override
        public void subscribe(Subscriber<? super ByteBuffer> subscriber) {
            var count = new AtomicLong();
            body.subscribe(new Subscriber<>() {
                @Override
                public void onSubscribe(Subscription subscription) {
                    subscriber.onSubscribe(subscription);
                }

                @Override
                public void onNext(ByteBuffer bytes) {
                    sent.accept(count.addAndGet(bytes.remaining()));
                    subscriber.onNext(bytes);
                }

                @Override
                public void onError(Throwable failure) {
                    subscriber.onError(failure);
                }

                @Override
                public void onComplete() {
                    subscriber.onComplete();
                }
            });
        }
    }
}
