package org.attunet.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Runs the program on its arguments and then prints the files that are mapped into the process. */
final class PredictThenMaps {
    private PredictThenMaps() {}

    public static void main(String[] args) throws IOException {
        int code = Main.run(System.out, System.err, args);
        Files.readAllLines(Path.of("/proc/self/maps"), StandardCharsets.UTF_8).stream()
                .filter(line -> line.contains("/"))
                .map(line -> line.substring(line.indexOf('/')))
                .distinct()
                .forEach(file -> System.out.println("mapped " + file));
        System.exit(code);
    }
}
