package org.attunet.tensor;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.attunet.error.AttunetException;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** One child process of the self-test, from its start to its end. */
final class SelfTestChild {
    private static final String END = "end of output";

    /** In the JVM's report of its death. */
    private static final Pattern SIGNAL = Pattern.compile("#\\s+(SIG[A-Z]+|EXCEPTION_[A-Z_]+) \\(0x");

    private final Set<Precaution> precautions;
    private final Process process;
    private final List<String> passed = new ArrayList<>();
    private @Nullable String begun;
    private String signal = "";
    private String said = "";

    SelfTestChild(Set<Precaution> precautions, Process process) {
        this.precautions = precautions;
        this.process = process;
    }

    /** Starts a process that computes with precautions and prints the lines of {@link Probes}. */
    @FunctionalInterface
    interface Start {
        Process start(Set<Precaution> precautions) throws IOException;
    }

    /** Starts this program's own child. */
    static Process start(Set<Precaution> precautions) throws IOException {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + (Loader.getPlatform().startsWith("windows") ? "NUL" : "/dev/null")));
        System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.contains("javacpp") || name.equals("user.home"))
                .filter(name -> !name.contains("loadLibraries"))
                .forEach(name -> words.add("-D" + name + "=" + System.getProperty(name)));
        words.addAll(List.of("-cp", classPath(), Probes.class.getName()));
        precautions.forEach(precaution -> words.add(precaution.name()));
        return new ProcessBuilder(words).redirectErrorStream(true).start();
    }

    /** The class path, and the files of the classes and libraries used, which a class loader of a framework may have. */
    private static String classPath() {
        Set<String> files = new LinkedHashSet<>(List.of(System.getProperty("java.class.path")));
        for (Class<?> type :
                List.of(Probes.class, AttunetException.class, Loader.class, torch.class, openblas_nolapack.class)) {
            CodeSource source = type.getProtectionDomain().getCodeSource();
            if (source != null && source.getLocation() != null) {
                add(files, source.getLocation().toString());
            }
        }
        for (String library :
                List.of("pytorch/%s/jnitorch", "openblas/%s/jniopenblas_nolapack", "javacpp/%s/jnijavacpp")) {
            String[] parts = library.formatted(Loader.getPlatform()).split("/");
            String resource = "/org/bytedeco/" + parts[0] + "/" + parts[1] + "/" + System.mapLibraryName(parts[2]);
            URL url = torch.class.getResource(resource);
            if (url != null) {
                add(files, url.toString().replaceFirst("^jar:", "").replaceFirst("!/.*$", ""));
            }
        }
        return String.join(System.getProperty("path.separator"), files);
    }

    private static void add(Set<String> files, String url) {
        try {
            files.add(Path.of(new URI(url)).toString());
        } catch (URISyntaxException | IllegalArgumentException | FileSystemNotFoundException e) {
            return; // a jar within a jar; if it is needed, the child says what it lacks
        }
    }

    /** Reads what the child prints until it ends or hangs. */
    SelfTest.Attempt watch(long patienceSeconds) {
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        var reader = new Thread(() -> read(lines), "attunet-self-test");
        reader.setDaemon(true);
        reader.start();
        try {
            String line = lines.poll(patienceSeconds, TimeUnit.SECONDS);
            while (line != null && !line.equals(END)) {
                take(line);
                line = lines.poll(patienceSeconds, TimeUnit.SECONDS);
            }
            if (line == null || !process.waitFor(patienceSeconds, TimeUnit.SECONDS)) {
                return attempt("hangs", !"loading".equals(begun)); // a slow disk proves nothing
            }
            return ended(process.exitValue());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return attempt("interrupted", false);
        } finally {
            process.destroyForcibly();
        }
    }

    private void read(BlockingQueue<String> lines) {
        try (var text = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            text.lines().forEach(lines::add);
        } catch (IOException | UncheckedIOException e) {
            // The process has been ended, which its exit code says.
        }
        lines.add(END);
    }

    private void take(String line) {
        if (line.startsWith(Probes.PREFIX + "begin ")) {
            begun = line.substring((Probes.PREFIX + "begin ").length());
        } else if (line.startsWith(Probes.PREFIX + "passed ")) {
            passed.add(line.substring((Probes.PREFIX + "passed ").length()));
            begun = null;
        } else if (line.startsWith(Probes.PREFIX + "done")) {
            begun = null;
        } else if (!line.isBlank()) {
            Matcher report = SIGNAL.matcher(line);
            if (signal.isEmpty() && report.find()) {
                signal = report.group(1);
            }
            said = said.isEmpty() ? line.strip() : said;
        }
    }

    private SelfTest.Attempt ended(int code) {
        if (code == 0) {
            return attempt("", false);
        }
        String name = signal.isEmpty() ? Signals.name(code) : signal;
        if (name != null) {
            return attempt(name, Signals.OWN_FAULTS.contains(name));
        }
        return attempt("exit code " + code + (said.isEmpty() ? "" : ": " + said), false);
    }

    private SelfTest.Attempt attempt(String end, boolean died) {
        return new SelfTest.Attempt(precautions, List.copyOf(passed), end.isEmpty() ? null : begun, end, died);
    }
}
