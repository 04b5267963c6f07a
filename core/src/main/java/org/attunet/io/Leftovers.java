package org.attunet.io;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of temporary files, {@code .TARGET.MACHINE-PROCESS-COUNT.part} (MACHINE is 8 hexadecimal digits), and the removal of
 * those whose writer is gone: of this machine, if the process has ended; of other machines that share the folder over a
 * network, if the file was not modified for a day.
 *
 * <p>A folder is scanned at the first write to it and then so rarely that scans take at most a hundredth of the time,
 * however many files it has. Thread-safe.
 */
final class Leftovers {
    private static final Pattern NAME = Pattern.compile("\\..+\\.([0-9a-f]{8})-(\\d{1,18})-\\d{1,18}\\.part");
    private static final Duration ABANDONED = Duration.ofDays(1);
    private static final int PAUSE = 100; // in durations of the last scan
    private static final int MOST_FOLDERS = 1000;
    private static final String MACHINE = String.format("%08x", machine().hashCode());
    private static final AtomicLong COUNTER = new AtomicLong();
    private static final Set<String> LIVE = ConcurrentHashMap.newKeySet();
    private static final Map<Path, Long> NEXT_SCAN = new ConcurrentHashMap<>(); // System.nanoTime

    private Leftovers() {}

    /** A temporary file beside a file; it is not removed until {@link #finished}. */
    static Path temporaryFor(Path file) {
        String name = "." + file.getFileName() + "." + MACHINE + "-"
                + ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet() + ".part";
        LIVE.add(name);
        return file.resolveSibling(name);
    }

    /** Forgets a temporary file that was moved or deleted. */
    static void finished(Path temporary) {
        LIVE.remove(String.valueOf(temporary.getFileName()));
    }

    /** Removes abandoned temporary files from a folder, unless it was scanned recently. */
    static void removeFrom(Path folder) {
        long began = System.nanoTime();
        Long next = NEXT_SCAN.get(folder);
        if (next != null && began - next < 0) {
            return;
        }
        if (NEXT_SCAN.size() >= MOST_FOLDERS) {
            NEXT_SCAN.clear();
        }
        NEXT_SCAN.put(folder, Long.MAX_VALUE / 2 + began); // other threads need not scan at the same time
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, Leftovers::abandoned)) {
            for (Path path : found) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | DirectoryIteratorException e) {
            // Leftovers only take space.
        } finally {
            long now = System.nanoTime();
            NEXT_SCAN.put(folder, now + PAUSE * (now - began));
        }
    }

    private static boolean abandoned(Path path) {
        String name = String.valueOf(path.getFileName());
        Matcher parts = NAME.matcher(name);
        if (!parts.matches()) {
            return false;
        }
        if (!parts.group(1).equals(MACHINE)) {
            return path.toFile().lastModified() < System.currentTimeMillis() - ABANDONED.toMillis();
        }
        long process = Long.parseLong(parts.group(2));
        // A restarted container often has the same process id: then only the list of live files decides.
        return process == ProcessHandle.current().pid()
                ? !LIVE.contains(name)
                : ProcessHandle.of(process).isEmpty();
    }

    /** Identifies the machine and the container, since containers on one machine can't see each other's process ids. */
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
