package org.attunet.tensor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The processor of this machine, as Linux describes it; other systems give its architecture only.
 *
 * @param name model name, with family and model number where the name alone is ambiguous
 * @param cores that Java may use
 * @param flags names of its features, as in {@code /proc/cpuinfo}; empty if unknown
 * @param caches "L1d 32K", ..., smallest first; empty if they are hidden, as in many virtual machines
 */
public record Processor(String name, int cores, List<String> flags, List<String> caches) {
    /** Those that decide which code libtorch and ONNX Runtime choose. */
    private static final List<String> INSTRUCTION_SETS = List.of(
            "sse4_2",
            "avx",
            "fma",
            "avx2",
            "avx_vnni",
            "avx512f",
            "avx512bw",
            "avx512_vnni",
            "avx512_bf16",
            "avx512_fp16",
            "amx_tile",
            "amx_int8",
            "amx_bf16",
            "asimd",
            "asimddp",
            "bf16",
            "i8mm",
            "sve");

    /** Those of x86 and of ARM that multiply bfloat16. */
    private static final Set<String> BFLOAT16 = Set.of("avx512_bf16", "amx_bf16", "bf16");

    private static final Path CACHES = Path.of("/sys/devices/system/cpu/cpu0/cache");

    /** The processor that this process runs on. */
    public static Processor here() {
        Map<String, String> facts = facts(Path.of("/proc/cpuinfo"));
        String name = facts.getOrDefault("model name", System.getProperty("os.arch"));
        if (facts.containsKey("cpu family")) {
            name += " (family " + facts.get("cpu family") + ", model " + facts.get("model") + ")";
        }
        String flags = facts.getOrDefault("flags", facts.getOrDefault("Features", ""));
        return new Processor(
                name,
                Runtime.getRuntime().availableProcessors(),
                flags.isBlank() ? List.of() : Arrays.asList(flags.trim().split("\\s+")),
                caches(CACHES));
    }

    /** The features that decide which code the native libraries choose. */
    public List<String> instructionSets() {
        return INSTRUCTION_SETS.stream().filter(flags::contains).toList();
    }

    /** Whether it has instructions that multiply bfloat16; false if its features are unknown. */
    public boolean hasBfloat16() {
        return flags.stream().anyMatch(BFLOAT16::contains);
    }

    /** The lines "key : value" of the first processor. */
    private static Map<String, String> facts(Path file) {
        Map<String, String> facts = new LinkedHashMap<>();
        try {
            for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
                int colon = line.indexOf(':');
                if (colon > 0) {
                    facts.putIfAbsent(
                            line.substring(0, colon).trim(),
                            line.substring(colon + 1).trim());
                }
            }
        } catch (IOException notLinux) {
            return Map.of();
        }
        return facts;
    }

    private static List<String> caches(Path folder) {
        try (Stream<Path> indices = Files.list(folder)) {
            return indices.filter(index -> index.getFileName().toString().startsWith("index"))
                    .sorted()
                    .map(index -> "L" + line(index.resolve("level")) + kind(line(index.resolve("type"))) + " "
                            + line(index.resolve("size")))
                    .toList();
        } catch (IOException | UncheckedIOException hidden) {
            return List.of();
        }
    }

    private static String kind(String type) {
        return type.equals("Data") ? "d" : type.equals("Instruction") ? "i" : "";
    }

    private static String line(Path file) {
        try {
            return Files.readString(file).trim();
        } catch (IOException e) {
            return "?";
        }
    }
}
