package org.attunet.imagej;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Assumptions;

/**
 * ImageJ in a process of its own, with the plugin and the shipped models in its plugins folder, on the machine's display or a
 * virtual one. The plugin is the finished jar (the property {@code attunet.plugin}) or, without one, the classes under test.
 */
final class RealImageJ implements AutoCloseable {
    private final Path folder;
    private final String display;
    private final Process screen;

    private RealImageJ(Path folder, String display, Process screen) {
        this.folder = folder;
        this.display = display;
        this.screen = screen;
    }

    /** Installs the plugin in a folder; the test is skipped on a machine that can show no window. */
    static RealImageJ in(Path folder) throws IOException {
        String given = System.getenv("DISPLAY");
        Process screen = null;
        if (given == null || given.isEmpty()) {
            boolean able = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                    .anyMatch(path -> Files.isExecutable(Path.of(path, "Xvfb")));
            Assumptions.assumeTrue(able, "no display and no Xvfb: ImageJ is not started");
            screen = new ProcessBuilder("Xvfb", "-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String number = new BufferedReader(
                            new InputStreamReader(screen.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
            Assumptions.assumeTrue(number != null, "Xvfb doesn't start: ImageJ is not started");
            given = ":" + number;
        }
        install(folder);
        return new RealImageJ(folder, given, screen);
    }

    static boolean hasFinishedJar() {
        String jar = System.getProperty("attunet.plugin");
        return jar != null && Files.isRegularFile(Path.of(jar));
    }

    private static void install(Path folder) throws IOException {
        Path plugins = Files.createDirectories(folder.resolve("plugins"));
        Path jar = plugins.resolve("attunet_imagej.jar");
        if (hasFinishedJar()) {
            Files.copy(Path.of(System.getProperty("attunet.plugin")), jar);
        } else {
            try (var zip = new ZipOutputStream(Files.newOutputStream(jar));
                    var menu = RealImageJ.class.getResourceAsStream("/plugins.config")) {
                zip.putNextEntry(new ZipEntry("plugins.config"));
                menu.transferTo(zip);
            }
        }
        Path models = Files.createDirectories(plugins.resolve("attunet"));
        for (String name : List.of("nuclei.zip", "hippocampus.zip")) {
            Files.copy(model(name), models.resolve(name));
        }
    }

    /** A model of this project. */
    static Path model(String name) {
        return Path.of("..", "models", name);
    }

    /**
     * Runs macros one after the other in one process.
     *
     * @return the error of each, empty if there was none
     */
    List<String> run(String... macros) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1500m",
                "-XX:TieredStopAtLevel=1",
                "-Dplugins.dir=" + folder,
                "-Duser.home=" + folder,
                "-cp",
                classPath(),
                MacroRunner.class.getName()));
        List<Path> files = new ArrayList<>();
        for (String macro : macros) {
            files.add(Files.writeString(folder.resolve("macro" + files.size() + ".ijm"), macro));
        }
        files.forEach(file -> command.add(file.toString()));
        Path output = folder.resolve("output.txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("DISPLAY", display);
        builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
        Process process = builder.start();
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError("ImageJ didn't end: " + Files.readString(output));
        }
        List<String> errors = new ArrayList<>();
        for (Path file : files) {
            Path error = Path.of(file + ".error");
            if (!Files.exists(error)) {
                throw new AssertionError("ImageJ failed: " + Files.readString(output));
            }
            errors.add(Files.readString(error));
        }
        return errors;
    }

    /** The tests' classes and ImageJ; all else only if there is no finished jar. */
    private static String classPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !hasFinishedJar()
                        || entry.contains("test-classes")
                        || entry.matches(".*[/\\\\]ij-[^/\\\\]*\\.jar"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    @Override
    public void close() {
        if (screen != null) {
            screen.destroy();
        }
    }
}
