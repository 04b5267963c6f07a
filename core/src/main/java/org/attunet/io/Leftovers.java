package org.attunet.io;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Temporary files whose writer is gone: {@code .TARGET.MACHINE-PROCESS-COUNT.part}, MACHINE being 8 hexadecimal digits.
 *
 * <p>Of this machine, those go whose process has ended. Of others, which share the folder over a network, nothing can be
 * known but the age: those go that nobody has written to for a day.
 *
 * <p>A folder is looked through at the first write to it and then so seldom that it takes a hundredth of the time at most,
 * however many files there are. Any number of threads.
 */
final class Leftovers {
    private static final Pattern NAME = Pattern.compile("\\..+\\.([0-9a-f]{8})-(\\d{1,18})-\\d{1,18}\\.part");
    private static final Duration ABANDONED = Duration.ofDays(1);
    private static final int REST = 100; // times as long as a look took
    private static final int MOST_FOLDERS = 1000;
    private static final String MACHINE = String.format("%08x", machine().hashCode());
    private static final AtomicLong COUNTER = new AtomicLong();
    private static final Set<String> LIVE = ConcurrentHashMap.newKeySet();
    private static final Map<Path, Long> NEXT_LOOK = new ConcurrentHashMap<>(); // in nanoseconds of the system's clock

    private Leftovers() {}

    /** A name for a file's unfinished content, beside it; kept from removal until it is {@link #finished}. */
    static Path temporaryFor(Path file) {
        String name = "." + file.getFileName() + "." + MACHINE + "-"
                + ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet() + ".part";
        LIVE.add(name);
        return file.resolveSibling(name);
    }

    /** Forgets a temporary file, which was moved or deleted. */
    static void finished(Path temporary) {
        LIVE.remove(String.valueOf(temporary.getFileName()));
    }

    /** Removes what is left in a folder and can be removed, unless it was looked through a short while ago. */
    static void removeFrom(Path folder) {
        long began = System.nanoTime();
        Long next = NEXT_LOOK.get(folder);
        if (next != null && began - next < 0) {
            return;
        }
        if (NEXT_LOOK.size() >= MOST_FOLDERS) {
            NEXT_LOOK.clear();
        }
        NEXT_LOOK.put(folder, Long.MAX_VALUE / 2 + began); // other threads need not look at the same time
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, Leftovers::abandoned)) {
            for (Path path : found) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | DirectoryIteratorException e) {
            // What is left takes room, and hinders nobody.
        } finally {
            long now = System.nanoTime();
            NEXT_LOOK.put(folder, now + REST * (now - began));
        }
    }

    private static boolean abandoned(Path path) {
        String name = String.valueOf(path.getFileName());
        Matcher parts = NAME.matcher(name);
        if (!parts.matches()) {
            return false;
        }
        if (!parts.group(1).equals(MACHINE)) {
            return path.toFile().lastModified() < Instant.now().minus(ABANDONED).toEpochMilli();
        }
        long process = Long.parseLong(parts.group(2));
        // A container gives each of its lives the same process id: then only the list of our own files tells.
        return process == ProcessHandle.current().pid()
                ? !LIVE.contains(name)
                : ProcessHandle.of(process).isEmpty();
    }

    /** What tells machines apart, and containers of one machine, whose process ids are each others' as little. */
    private static String machine() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname"), StandardCharsets.UTF_8)
                    + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
        } catch (IOException notLinux) {
            return address();
        }
    }

    private static String address() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (IOException unnamed) {
            return "";
        }
    }
}
