package org.attunet.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.attunet.console.Version;
import org.attunet.predict.OnnxEngine;
import org.attunet.tensor.Natives;
import org.attunet.tensor.Processor;
import org.attunet.tensor.SelfTest;
import org.attunet.tensor.SelfTestRecord;

/**
 * The state of this machine as {@code attunet doctor} prints it.
 *
 * @param libtorch the result of its self-test
 * @param onnx what is wrong with ONNX Runtime, empty if nothing is
 */
record Diagnosis(SelfTest.Result libtorch, String onnx) {
    private static final Path MEMORY = Path.of("/proc/meminfo");

    /** Whether both engines compute here, libtorch with its precautions. */
    boolean healthy() {
        return libtorch.conclusive() && libtorch.sound() && onnx.isEmpty();
    }

    /** One sentence. */
    String verdict() {
        String fault = libtorch.fault();
        if (!onnx.isEmpty()) {
            return "ONNX Runtime fails here (" + onnx + "): predictions of bundles can't be computed";
        }
        if (!libtorch.conclusive()) {
            return "libtorch could not be tested (" + fault + ")";
        }
        if (!libtorch.sound()) {
            return "libtorch dies here (" + fault + ") whatever is avoided: training may end at any time";
        }
        return fault == null
                ? "healthy: libtorch and ONNX Runtime compute everything that attunet needs"
                : "usable: libtorch dies here (" + fault + ") unless attunet uses " + libtorch.words()
                        + ", which it now does";
    }

    ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("attunet", Version.number());
        root.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
        root.put(
                "system",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
        Processor processor = Processor.here();
        ObjectNode cpu = root.putObject("processor");
        cpu.put("name", processor.name()).put("cores", processor.cores());
        processor.instructionSets().forEach(cpu.putArray("instruction_sets")::add);
        processor.caches().forEach(cpu.putArray("caches")::add);
        putMemory(root.putObject("memory"));
        putEngines(root.putObject("engines"));
        ObjectNode test = root.putObject("self_test");
        test.put("onnxruntime", onnx.isEmpty() ? "passed" : onnx);
        ArrayNode attempts = test.putArray("libtorch");
        libtorch.attempts().forEach(attempt -> put(attempts.addObject(), attempt));
        ObjectNode settings = root.putObject("settings");
        libtorch.precautions().forEach(one -> settings.withArray("precautions").add(one.name()));
        settings.withArray("precautions");
        settings.put("reason", libtorch.fault());
        settings.put("kept_in", SelfTestRecord.here().file().toString());
        settings.put("ignored", "off".equals(System.getenv(SelfTest.SWITCH)));
        root.put("healthy", healthy()).put("verdict", verdict());
        return root;
    }

    private static void put(ObjectNode node, SelfTest.Attempt attempt) {
        attempt.precautions().forEach(one -> node.withArray("precautions").add(one.name()));
        attempt.passed().forEach(node.putArray("passed")::add);
        node.put("fault", attempt.survived() ? null : attempt.fault());
    }

    /** What the machine has, what this process may use (the limit of a container), and Java's heap. */
    private static void putMemory(ObjectNode node) {
        long machine = meminfo("MemTotal:");
        long usable = ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
        node.put("machine_bytes", machine == 0 ? usable : machine);
        node.put("usable_bytes", usable);
        node.put("available_bytes", meminfo("MemAvailable:"));
        node.put("java_heap_bytes", Runtime.getRuntime().maxMemory());
    }

    private static long meminfo(String field) {
        try {
            return Files.readAllLines(MEMORY, StandardCharsets.US_ASCII).stream()
                    .filter(line -> line.startsWith(field))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(0);
        } catch (IOException notLinux) {
            return 0;
        }
    }

    /** Versions; what a library says of itself only if it is safe to load. */
    private void putEngines(ObjectNode node) {
        node.put("libtorch", Objects.requireNonNullElse(SelfTestRecord.libtorch(), "unknown"));
        if (libtorch.sound() && libtorch.conclusive()) {
            node.put("onednn", Natives.oneDnn());
            node.put("libtorch_instruction_set", Natives.instructionSet());
            node.put("cuda", Natives.cuda());
        }
        if (onnx.isEmpty()) {
            node.put("onnxruntime", OnnxEngine.version());
        }
    }

    String text() {
        ObjectNode json = json();
        List<String> caches = Processor.here().caches();
        var text = new StringBuilder();
        line(
                text,
                "attunet",
                json.path("attunet").asText() + ", " + json.path("java").asText() + ", "
                        + json.path("system").asText());
        line(
                text,
                "processor",
                json.at("/processor/name").asText() + ", "
                        + Wording.counted(json.at("/processor/cores").asInt(), "core"));
        line(text, "instructions", String.join(" ", Processor.here().instructionSets()));
        line(text, "caches", caches.isEmpty() ? "hidden" : String.join(", ", caches));
        line(
                text,
                "memory",
                mebibytes(json, "machine") + " MiB, usable " + mebibytes(json, "usable") + ", available "
                        + mebibytes(json, "available") + ", Java's heap up to " + mebibytes(json, "java_heap"));
        ObjectNode engines = (ObjectNode) json.get("engines");
        line(
                text,
                "engines",
                engines.properties().stream()
                        .map(engine -> engine.getKey() + " " + engine.getValue().asText())
                        .collect(Collectors.joining(", ")));
        for (SelfTest.Attempt attempt : libtorch.attempts()) {
            String with = attempt.precautions().isEmpty()
                    ? ""
                    : " with "
                            + attempt.precautions().stream()
                                    .map(Object::toString)
                                    .collect(Collectors.joining(", "));
            line(
                    text,
                    "libtorch" + with,
                    attempt.survived() ? "passed " + attempt.passed().size() + " tests" : attempt.fault());
        }
        line(text, "ONNX Runtime", onnx.isEmpty() ? "passed" : onnx);
        line(
                text,
                "settings",
                (libtorch.precautions().isEmpty() ? "as usual" : libtorch.words()) + ", kept in "
                        + SelfTestRecord.here().file()
                        + (json.at("/settings/ignored").asBoolean()
                                ? ", ignored because of " + SelfTest.SWITCH + "=off"
                                : ""));
        return text + "\n" + verdict();
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(Wording.format("%-14s%s%n", name + ":", value));
    }

    private static long mebibytes(ObjectNode json, String of) {
        return json.at("/memory/" + of + "_bytes").asLong() >> 20;
    }
}
