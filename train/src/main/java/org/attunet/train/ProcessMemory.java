package org.attunet.train;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The memory that this process holds in RAM, from Linux's {@code /proc}. */
public final class ProcessMemory {
    private static final Path STATUS = Path.of("/proc/self/status");

    private ProcessMemory() {}

    /** The peak in bytes, or 0 on other systems. */
    public static long peak() {
        return bytes("VmHWM:");
    }

    /** The current value in bytes, or 0 on other systems. */
    public static long now() {
        return bytes("VmRSS:");
    }

    private static long bytes(String field) {
        try {
            for (String line : Files.readAllLines(STATUS, StandardCharsets.US_ASCII)) {
                if (line.startsWith(field)) {
                    return Long.parseLong(line.replaceAll("\\D", "")) << 10;
                }
            }
        } catch (IOException | NumberFormatException notLinux) {
            return 0;
        }
        return 0;
    }
}
