package org.attunet.predict;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The memory that segmentation takes where nobody says how much: half of what the machine has free beside the heap.
 *
 * <p>Free is what Linux calls available (the page cache counted), within the container's limit, or what the system reports
 * elsewhere; what the heap may still grow by is left to it. The result is rounded down to 2 or 3 times a power of two and
 * at most 8 GiB, so that runs on one machine choose the same tiles though its free memory is never twice the same.
 */
public final class MemoryBudget {
    private static final long LEAST = 512L << 20;
    private static final long MOST = 8L << 30;
    private static final Path MEMINFO = Path.of("/proc/meminfo");

    private MemoryBudget() {}

    /** A number of bytes from 512 MiB to 8 GiB. */
    public static long ofMachine() {
        Runtime java = Runtime.getRuntime();
        return share(free() - (java.maxMemory() - java.totalMemory()));
    }

    /** The share of so many free bytes. */
    static long share(long free) {
        long half = Math.max(LEAST, Math.min(MOST, free / 2));
        long power = Long.highestOneBit(half);
        return half >= power + power / 2 ? power + power / 2 : power;
    }

    private static long free() {
        long available = available();
        if (!(ManagementFactory.getOperatingSystemMXBean()
                instanceof com.sun.management.OperatingSystemMXBean system)) {
            return Math.max(0, available);
        }
        // The total is the container's limit where there is one, which the kernel's estimate doesn't know.
        return available < 0
                ? system.getFreeMemorySize()
                : Math.min(
                        available,
                        system.getTotalMemorySize() - Runtime.getRuntime().totalMemory());
    }

    /** The kernel's estimate of what can be had without swapping, -1 where there is none. */
    private static long available() {
        try {
            for (String line : Files.readAllLines(MEMINFO, StandardCharsets.US_ASCII)) {
                if (line.startsWith("MemAvailable:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) << 10;
                }
            }
        } catch (IOException | NumberFormatException notLinux) {
            return -1;
        }
        return -1;
    }
}
