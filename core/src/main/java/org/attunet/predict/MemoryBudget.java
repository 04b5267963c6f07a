package org.attunet.predict;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The default memory budget of segmentation: half of the machine's free memory, without what the heap may still grow by.
 *
 * <p>Free memory is Linux's available memory (page cache included) within the container's limit, or what another system
 * reports. The budget is rounded down to 2 or 3 times a power of two, at most 8 GiB, so that runs on one machine choose
 * the same tiles although its free memory varies.
 */
public final class MemoryBudget {
    private static final long LEAST = 512L << 20;
    private static final long MOST = 8L << 30;
    private static final Path MEMINFO = Path.of("/proc/meminfo");

    private MemoryBudget() {}

    /** {@return the budget of this machine, from 512 MiB to 8 GiB} */
    public static long ofMachine() {
        Runtime java = Runtime.getRuntime();
        return share(free() - (java.maxMemory() - java.totalMemory()));
    }

    /** The budget for an amount of free memory. */
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
        // The total is the container's limit, if any, which the kernel's estimate ignores.
        return available < 0
                ? system.getFreeMemorySize()
                : Math.min(
                        available,
                        system.getTotalMemorySize() - Runtime.getRuntime().totalMemory());
    }

    /** The kernel's estimate of the memory available without swapping; -1 if there is none. */
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
